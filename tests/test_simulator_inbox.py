"""The simulated exports: the contract's headers, only what is visible, the same bytes for the same seed."""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from simulator import inbox, ledger
from simulator.world import World

# the `files` source: required columns, then the optional ones, as its documentation lists them
CONTRACT = {
    "sessions": "session_id visitor_id started_at | customer_id email source medium campaign content term click_id "
    "landing_url referrer pageviews is_engaged",
    "orders": "order_id ordered_at currency net_amount | customer_id email phone gross_amount discount_amount "
    "refund_amount shipping_amount tax_amount cost_amount status sales_channel store_id coupon_code",
    "order_lines": "order_id line_id product_id quantity unit_price | product_name category discount_amount unit_cost",
    "email_campaigns": "campaign_id campaign_name sent_at recipients delivered opens clicks | bounces unsubscribes "
    "complaints revenue currency",
    "events": "event_id occurred_at event_name | customer_id email channel campaign",
    "experiments": "experiment variant person_id exposed_at |",
    "promotions": "promotion_id product_id starts_on ends_on | discount_rate",
    "costs": "date_day kind amount currency | channel campaign",
    "budgets": "month channel amount currency | campaign_id",
    "targets": "month kpi | channel floor target stretch",
    "fx_rates": "date_day from_currency to_currency rate |",
}
KEYS = {
    "sessions": "session_id",
    "orders": "order_id",
    "order_lines": "order_id line_id",
    "email_campaigns": "campaign_id sent_at",
    "events": "event_id",
    "experiments": "experiment person_id",
    "promotions": "promotion_id product_id",
    "costs": "date_day kind currency channel campaign",
    "budgets": "month channel campaign_id",
    "targets": "month kpi channel",
    "fx_rates": "date_day from_currency to_currency",
}
MOMENT = datetime(2024, 4, 16, tzinfo=UTC)


@cache
def world(seed: int = 7) -> World:
    return World(seed, "demo")


def rows(stream: str, moment: datetime = MOMENT) -> list[dict[str, str]]:
    return list(csv.DictReader(inbox.text(world(), world().as_of(moment), f"{stream}.csv").splitlines()))


@pytest.mark.parametrize("stream", CONTRACT)
def test_headers_are_the_contracts_and_every_required_cell_is_filled(stream: str) -> None:
    required, optional = (part.split() for part in CONTRACT[stream].split("|"))
    told = rows(stream)
    assert told and list(told[0]) == required + optional
    assert [row for row in told if not all(row[column] for column in required)] == []


@pytest.mark.parametrize("stream", KEYS)
def test_keys_are_unique(stream: str) -> None:
    keys = [tuple(row[column] for column in KEYS[stream].split()) for row in rows(stream)]
    assert len(keys) == len(set(keys))


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    inbox.write(world(), world().as_of(MOMENT), tmp_path / "one")
    inbox.write(World(7), World(7).as_of(MOMENT), tmp_path / "same")
    inbox.write(world(8), world(8).as_of(MOMENT), tmp_path / "other")
    written = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert set(written) == {f"{stream}.csv" for stream in CONTRACT}
    assert written == {path.name: path.read_bytes() for path in (tmp_path / "same").iterdir()}
    others = {path.name: path.read_bytes() for path in (tmp_path / "other").iterdir()}
    assert {name for name in written if written[name] == others[name]} == {"promotions.csv"}


@pytest.mark.parametrize(
    ("stream", "column"),
    [("sessions", "started_at"), ("orders", "ordered_at"), ("events", "occurred_at"), ("experiments", "exposed_at")],
)
def test_nothing_of_later_than_the_moment_is_told(stream: str, column: str) -> None:
    times = [datetime.fromisoformat(row[column]) for row in rows(stream)]
    assert times and max(times) < MOMENT
    assert len(rows(stream, datetime(2024, 4, 26, tzinfo=UTC))) > len(times)


def test_budgets_and_targets_reach_into_the_next_month() -> None:
    for stream in ("budgets", "targets"):
        assert max(row["month"] for row in rows(stream)) == "2024-05-01"


def test_somebody_mistypes_a_budget_and_a_target() -> None:
    budgets = [row for row in rows("budgets") if row["channel"] == "Podcasts"]
    targets = [row for row in rows("targets") if Decimal(row["floor"]) > Decimal(row["target"])]
    assert [row["month"] for row in budgets] == ["2024-03-01"]
    assert [(row["month"], row["kpi"], row["channel"]) for row in targets] == [("2024-03-01", "leads", "Paid Search")]


def test_an_order_is_gross_less_discounts_and_refunds_and_credit_notes_are_negative() -> None:
    orders = rows("orders", datetime(2024, 9, 1, tzinfo=UTC))
    for order in orders:
        parts = [Decimal(order[f"{name}_amount"]) for name in ("gross", "discount", "refund", "net")]
        assert parts[0] - parts[1] - parts[2] == parts[3], order["order_id"]
        assert (parts[3] < 0) == (order["status"] == "credit_note")
    assert {order["status"] for order in orders} == {"completed", "cancelled", "credit_note"}


def test_lines_add_up_to_their_order() -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in rows("order_lines"):
        sums[line["order_id"]] += Decimal(line["quantity"]) * Decimal(line["unit_price"])
    gross = {row["order_id"]: Decimal(row["gross_amount"]) for row in rows("orders") if row["status"] != "credit_note"}
    assert sums == gross


def test_the_ledger_counts_the_orders_and_sessions_of_the_inbox() -> None:
    totals = ledger.totals(world().as_of(MOMENT))
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (_, source, _, metric, _), value in totals.items():
        if source == "files":
            sums[metric] += value
    orders = rows("orders")
    assert sums["sessions"] == len(rows("sessions"))
    assert sums["orders"] == len([row for row in orders if row["status"] != "credit_note"])
    assert sums["net_revenue"] == sum(Decimal(row["net_amount"]) for row in orders)


def test_mailings_are_opened_over_some_days() -> None:
    sent = {row["campaign_id"]: int(row["opens"]) for row in rows("email_campaigns")}
    later = {
        row["campaign_id"]: int(row["opens"]) for row in rows("email_campaigns", datetime(2024, 4, 25, tzinfo=UTC))
    }
    assert sent["newsletter-2024-w16"] < later["newsletter-2024-w16"]
    assert sent["newsletter-2024-w10"] == later["newsletter-2024-w10"]


def test_a_sheet_without_a_row_is_no_file(tmp_path: Path) -> None:
    inbox.write(world(), world().as_of(MOMENT), tmp_path)
    assert (tmp_path / "experiments.csv").exists()
    inbox.write(world(), world().as_of(datetime(2024, 2, 1, tzinfo=UTC)), tmp_path)  # before the first experiment
    assert not (tmp_path / "experiments.csv").exists() and (tmp_path / "sessions.csv").exists()
