"""Cohorts, segments and predictions of a small business, against a plain reading of the same bookings."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import customers_view as view
import pytest
from customers_view import Booking
from landed_world import LandedWorld

FIRST, LAST = date(2023, 12, 15), date(2024, 3, 10)  # KPI days: from within a month, over a leap day, into a month
RULES = {"new_days": 5, "at_risk_after_days": 20, "lost_after_days": 60, "high_value_share": 0.2, "horizon_weeks": 52}
ODD = [
    Booking("cancelled first", date(2024, 1, 5), Decimal(30), is_cancelled=True),
    Booking("cancelled first", date(2024, 2, 29), Decimal(10), Decimal(4)),
    Booking("only cancelled", date(2024, 2, 1), Decimal(50), is_cancelled=True),
    Booking("only a credit note", date(2024, 2, 1), Decimal(-20)),
    Booking("returned more", date(2024, 1, 10), Decimal(40), Decimal(20)),
    Booking("returned more", date(2024, 2, 10), Decimal(-100)),
    Booking("nothing paid", date(2024, 1, 31), Decimal(0), Decimal(5)),
    Booking("nothing paid", date(2024, 3, 1), Decimal(0), Decimal(5)),
    Booking("twice a day", date(2024, 2, 29), Decimal(10)),
    Booking("twice a day", date(2024, 2, 29), Decimal(15)),
    *(Booking(f"on the bar {n}", date(2024, 3, 9) + timedelta(day), Decimal(90)) for n in range(3) for day in (0, 1)),
]
PAID = ("cancelled first", "twice a day", "buyer 3", "buyer 8")  # came by an ad the day before
SPEND = [  # day, channel, spend
    (date(2023, 12, 20), "Paid Search", 70),
    (date(2024, 1, 2), "Paid Search", 9),
    (date(2024, 2, 2), "Paid Search", 12),
    (date(2024, 2, 3), "Podcasts", 5),
    (date(2024, 3, 1), "Paid Search", 1000),
]


def bookings() -> list[Booking]:
    """The odd ones, and 40 who buy, cancel and return as it comes."""
    chance = random.Random(7)
    found = list(ODD)
    for buyer in range(40):
        for _ in range(chance.randint(1, 6)):
            net = Decimal(chance.randint(-4000, 12000)) / 100
            cost = None if chance.random() < 0.3 or net < 0 else net / 2
            day = LAST - timedelta(chance.randint(0, 250))
            found.append(Booking(f"buyer {buyer}", day, net, cost, net > 0 and chance.random() < 0.15))
    return found


WHO = view.customers(bookings())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    world = LandedWorld(tmp_path_factory.mktemp("customers"))
    for number, one in enumerate(bookings()):
        order = {"order_id": f"o{number}", "ordered_at": f"{one.day}T12:00+00:00", "customer_id": one.person}
        order |= {"net_amount": one.net, "cost_amount": one.cost, "currency": "USD"}
        world.land("files", "orders", [order | ({"status": "cancelled"} if one.is_cancelled else {})])
    for customer in WHO:
        if customer.person in PAID:
            visit = {"session_id": customer.person, "customer_id": customer.person, "source": "google", "medium": "cpc"}
            day = customer.first - timedelta(1)
            world.land("files", "sessions", [visit | {"started_at": f"{day}T12:00+00:00", "date_day": day}])
    ads = {"platform": "ads", "account_id": "1", "currency": "USD", "impressions": 1, "clicks": 1}
    for day, channel, spend in SPEND:
        row = ads | {"date_day": day, "campaign_id": channel, "campaign_name": channel, "channel": channel}
        world.land("files", "ad_performance", [row | {"spend": spend}])
    variables = {"kpi_start": str(FIRST), "mart_date": str(LAST), "customers": RULES}
    world.build("--exclude-resource-type", "unit_test", **variables)
    return world


def channel_of(customer: view.Customer) -> str:
    if customer.first < FIRST:
        return "(unknown)"
    return "Paid Search" if customer.person in PAID else "(unattributed)"


def test_every_day_has_each_customer_in_one_segment(world: LandedWorld) -> None:
    rows = world.rows("select * from mart.kpi_customer_segments")
    told = {
        (row["date_day"], row["segment"]): (
            row["customers"],
            row["net_revenue"],
            row["purchases"],
            row["recency_days"],
        )
        for row in rows
    }
    assert told == view.segments(WHO, FIRST, LAST, RULES)
    seen = {segment for (_, segment), (customers, *_) in told.items() if customers}
    assert seen == {"high_value", "potential", "at_risk", "lost", "new"}


def test_averages_are_of_sums(world: LandedWorld) -> None:
    for row in world.rows("select * from mart.kpi_customer_segments"):
        customers = row["customers"]
        for average, total in (("recency_days", "recency_days"), ("frequency", "purchases"), ("value", "net_revenue")):
            expected = float(row[total]) / customers if customers else None
            assert row[f"average_{average}"] == expected


def test_the_dimension_tells_the_segment_of_the_last_day(world: LandedWorld) -> None:
    rows = world.rows("select segment, count(*) as customers from mart.dim_customer group by segment")
    told = view.segments(WHO, LAST, LAST, RULES)
    strangers = {one.person for one in bookings()} - {one.person for one in WHO}
    assert strangers >= {"only cancelled", "only a credit note"}
    expected = {segment: told[LAST, segment][0] for _, segment in told} | {None: len(strangers)}
    assert {row["segment"]: row["customers"] for row in rows} == {name: n for name, n in expected.items() if n}


def test_customers_of_equal_value_are_on_the_same_side_of_the_bar(world: LandedWorld) -> None:
    # The place of the bar, 20% of 44 rounded up, is the first of three customers of 180.
    (row,) = world.rows("select high_value_from from intermediate.int_segment_bars")
    assert row["high_value_from"] == view.high_value_from(WHO, LAST, Decimal("0.2")) == 180
    assert sum(one.value(LAST) >= 180 for one in WHO) == 11 > len(WHO) * 0.2
    (told,) = world.rows(
        f"select * from mart.kpi_customer_segments where date_day = '{LAST}' and segment = 'high_value'"
    )
    assert told["customers"] >= 3


def test_every_cohort_has_every_month_since(world: LandedWorld) -> None:
    rows = world.rows("select * from mart.kpi_cohort order by date_day, channel, months_since")
    told: dict[tuple[date, str], list[dict[str, Any]]] = {}
    for row in rows:
        told.setdefault((row["date_day"], row["channel"]), []).append(row)
    by_channel: dict[tuple[date, str], list[view.Customer]] = {}
    for one in WHO:
        by_channel.setdefault((one.first.replace(day=1), channel_of(one)), []).append(one)
    paid = {(day.replace(day=1), channel) for day, channel, _ in SPEND if day.replace(day=1) >= FIRST}
    assert set(told) == set(by_channel) | paid
    assert paid - set(by_channel) >= {(date(2024, 2, 1), "Podcasts")}  # money that won nobody
    assert {channel for _, channel in told} == {"(unknown)", "(unattributed)", "Paid Search", "Podcasts"}
    for (month, channel), months in told.items():
        expected = list(view.cohort(by_channel.get((month, channel), []), month, LAST))
        assert [row["months_since"] for row in months] == list(range(len(expected)))
        assert [{name: row[name] for name in one} for row, one in zip(months, expected, strict=True)] == expected
        assert [row["is_complete"] for row in months] == [True] * (len(months) - 1) + [False]
        assert months[-1]["activity_month"] == LAST.replace(day=1)


def test_money_is_back_in_the_first_month_that_margin_reaches_spend(world: LandedWorld) -> None:
    checked = set()
    for row in world.rows("select * from mart.kpi_cohort"):
        month, channel = row["date_day"], row["channel"]
        own = [one for one in WHO if one.first.replace(day=1) == month and channel_of(one) == channel]
        spend = sum(s for day, c, s in SPEND if c == channel and day.replace(day=1) == month)
        margins = [one["cumulative_margin"] for one in view.cohort(own, month, LAST)]
        reached = [since for since, margin in enumerate(margins) if spend and margin >= spend]
        if month < FIRST:
            assert (row["spend"], row["payback_ratio"], row["payback_month"]) == (None, None, None)
            continue
        assert (row["spend"], row["payback_month"]) == (spend, reached[0] if reached else None)
        ratio = float(margins[row["months_since"]]) / spend if spend else None
        assert row["payback_ratio"] == ratio
        checked.add(row["payback_month"])
    assert len(checked) > 1, checked


def test_rates_of_a_cohort_are_shares_of_its_customers(world: LandedWorld) -> None:
    for row in world.rows("select * from mart.kpi_cohort"):
        for rate, part in (
            ("retention", "active"),
            ("repeat_rate", "repeat_customers"),
            ("ltv", "cumulative_net_revenue"),
            ("ltv_margin", "cumulative_margin"),
        ):
            assert row[rate] == (float(row[part]) / row["customers"] if row["customers"] else None)
        assert row["months_since"] > 0 or row["customers"] == 0 or row["retention"] == 1


def test_a_fit_of_too_few_says_so_and_predicts_nothing(world: LandedWorld) -> None:
    rows = world.rows("select * from mart.ltv_model order by model, parameter")
    assert [row["parameter"] for row in rows] == ["a", "alpha", "b", "r", "p", "q", "v"]
    assert {(row["is_fitted"], row["status"], row["value"]) for row in rows} == {
        (False, "fewer than 100 customers came back", None)
    }
    assert {str(row["fitted_at"])[:19] for row in rows} == {"2024-03-11 00:00:00"}
    predicted = "select count(*) as n from mart.dim_customer where predicted_ltv is not null or p_alive is not null"
    assert world.rows(predicted) == [{"n": 0}]


def test_what_the_models_of_lifetime_value_know(world: LandedWorld) -> None:
    known = {
        (row["repeat_purchases"], row["recency_days"], row["age_days"], row["mean_value"])
        for row in world.rows("select * from intermediate.int_customer_purchases")
    }
    expected = set()
    for one in WHO:
        purchases = one.purchases(LAST)
        later = [booking.net for booking in one.bookings if booking.day in purchases[1:]]
        mean = float(sum(later)) / (len(purchases) - 1) if later else None
        expected.add((len(purchases) - 1, (purchases[-1] - one.first).days, (LAST - one.first).days, mean))
    assert known == expected
    assert (1, 30, 39, 0.0) in known  # nothing paid
    assert (0, 0, 10, None) in known  # twice a day is one purchase
