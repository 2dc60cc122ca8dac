"""Every check of both gates is shown red once, by the defect it is there for, and green without it."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import gate_world
import pytest

from marketing_mart.quality import CheckResult, GateResult
from marketing_mart.quality.runner import run_gate

ADS = "landed.google_ads__ad_performance"
ACCOUNT = "landed.google_ads__account_performance"
META = "landed.meta_ads__ad_insights"
LOADS = "update landed.loads"

LANDED_DEFECTS = [
    (ADS, "account_id_never_null", f"update {ADS} set account_id = null where date_day = '2025-06-30'"),
    ("landed.files__costs", "kind_never_null", "update landed.files__costs set kind = null"),
    (ADS, "key_unique", f"insert into {ADS} from {ADS} limit 1"),
    ("landed.shopify__orders", "key_unique", "insert into landed.shopify__orders from landed.shopify__orders"),
    ("landed.files__costs", "key_unique",
     "update landed.files__costs set channel = null; insert into landed.files__costs from landed.files__costs"),
    (ADS, "impressions_at_least_0", f"update {ADS} set impressions = -1"),
    (ADS, "clicks_at_least_0", f"update {ADS} set clicks = -1"),
    (ADS, "cost_micros_at_least_0", f"update {ADS} set cost_micros = -1"),
    (META, "spend_at_least_0", f"update {META} set spend = -0.01 where date_day = '2025-06-30'"),
    (ADS, "cost_micros_never_null", f"update {ADS} set cost_micros = null"),
    ("landed.shopify__orders", "gross_amount_at_least_0", "update landed.shopify__orders set gross_amount = -1"),
    ("landed.files__fx_rates", "rate_at_least_0", "update landed.files__fx_rates set rate = -1"),
    (ADS, "clicks_within_impressions", f"update {ADS} set clicks = 101"),
    (META, "currency_is_iso", f"update {META} set currency = 'usd'"),
    (META, "currency_is_iso", f"update {META} set currency = 'Dollar'"),
    (META, "currency_is_iso", f"update {META} set currency = null"),
    ("landed.hubspot__deals", "currency_is_iso", "update landed.hubspot__deals set currency = 'euro'"),
    ("landed.shopify__orders", "moments_plausible",
     "update landed.shopify__orders set processed_at = '0205-06-30 00:00:00+00' where order_id = 'order_id-0'"),
    ("landed.files__orders", "moments_plausible",
     "update landed.files__orders set ordered_at = '2052-06-30 00:00:00+00' where order_id = 'order_id-0'"),
    (META, "days_within_window", f"update {META} set date_day = '2025-07-01' where date_day = '2025-06-30'"),
    (META, "days_within_window", f"update {META} set date_day = '2024-06-30' where date_day = '2025-06-30'"),
    (META, "days_within_window", f"update {META} set date_day = null where date_day = '2025-06-30'"),
    (META, "not_empty", f"{LOADS} set rows = 0 where stream = 'ad_insights'"),
    ("landed.shopify__orders", "not_empty", "delete from landed.loads where source = 'shopify'"),
    ("landed.files__sessions", "not_empty", f"{LOADS} set rows = 0 where stream = 'sessions'"),
    ("landed.hubspot__deals", "not_empty", f"{LOADS} set is_current = false where stream = 'deals'"),
    (META, "day_not_empty", f"{LOADS} set rows = 0 where stream = 'ad_insights' and day = '2025-06-30'"),
    (META, "day_not_empty", "delete from landed.loads where stream = 'ad_insights' and day = '2025-06-30'"),
    (META, "day_is_no_copy", f"{LOADS} set totals = '{{}}' where stream = 'ad_insights' and day >= '2025-06-29'"),
    (META, "restated_days_keep_their_rows",
     f"{LOADS} set rows = 19 where stream = 'ad_insights' and day = '2025-06-29' and is_offered"),
    (META, "as_much_as_usual", f"{LOADS} set rows = 61 where stream = 'ad_insights' and day = '2025-06-30'"),
    (META, "as_much_as_usual",
     f"{LOADS} set totals = '{{\"spend USD\": \"1\"}}' where stream = 'ad_insights' and day = '2025-06-30'"),
    ("landed.shopify__orders", "as_much_as_usual",
     "update landed.reads set rows = 1000 where stream = 'orders' and source = 'shopify' and day = '2025-06-30'"),
    (META, "not_near_zero", f"{LOADS} set rows = 3 where stream = 'ad_insights' and day = '2025-06-30'"),
    (META, "not_near_zero",
     f"{LOADS} set totals = '{{\"impressions USD\": \"9\"}}' where stream = 'ad_insights' and day = '2025-06-30'"),
    ("landed.files__sessions", "not_near_zero",
     "delete from landed.loads where stream = 'sessions' and day = '2025-06-30'"),
    ("landed.hubspot__contacts", "not_near_zero",
     "update landed.reads set rows = 2 where stream = 'contacts' and day = '2025-06-30'"),
    ("landed.reads", "columns_of_hubspot_known", "update landed.hubspot__deals set _extra = '{\"reach\": 7}'"),
    ("landed.hubspot__deals", "columns_still_filled",
     "insert into landed.hubspot__deals select one.* from landed.hubspot__deals as one, range(10);"
     " update landed.hubspot__deals set pipeline = null"),
    ("landed.files__fx_rates", "rate_above_0", "update landed.files__fx_rates set rate = 0"),
    ("landed.files__promotions", "discount_rate_is_a_share", "update landed.files__promotions set discount_rate = 20"),
    ("landed.files__promotions", "ends_after_it_starts", "update landed.files__promotions set ends_on = '2025-01-01'"),
    ("landed.files__email_campaigns", "no_more_delivered_than_sent",
     "update landed.files__email_campaigns set delivered = 8"),
    (ADS, "campaign_is_known", f"update {ADS} set campaign_id = 'gone' where date_day = '2025-06-30'"),
    ("landed.google_ads__user_locations", "country_is_known", "update landed.google_ads__user_locations set"
     " country_id = '9'"),
    (META, "ad_is_known", f"update {META} set ad_id = 'gone'"),
    ("landed.files__order_lines", "order_is_known", "update landed.files__order_lines set order_id = 'gone'"),
    ("landed.files__deals", "contact_is_known", "update landed.files__deals set contact_id = 'gone'"),
    ("landed.hubspot__deals", "contact_is_known", "update landed.hubspot__deals set contact_ids = ['gone']"),
    ("landed.hubspot__email_events", "email_is_known", "delete from known.hubspot__emails"),
    ("landed.shopify__orders", "customer_is_known", "update landed.shopify__orders set customer_id = 'gone'"),
    (META, "no_account_silent",
     f"insert into {META} by name select * replace ('act_9' as account_id) from {META} where date_day = '2025-06-29'"),
    ("landed.google_ads__campaign_performance", "sums_to_account_performance",
     "update landed.google_ads__campaign_performance set cost_micros = cost_micros - 1 where date_day = '2025-06-30'"),
    ("landed.google_ads__campaign_performance", "sums_to_account_performance",
     f"delete from {ACCOUNT} where date_day = '2025-06-30'"),
    (ADS, "sums_to_account_performance", f"update {ADS} set clicks = clicks + 1 where date_day = '2025-06-30'"),
    ("landed.google_ads__keywords", "sums_to_account_performance",
     "update landed.google_ads__keywords set clicks = 11"),
    ("landed.google_ads__search_terms", "sums_to_account_performance",
     "insert into landed.google_ads__search_terms by name select * replace ('more' as search_term)"
     " from landed.google_ads__search_terms"),
    ("landed.google_ads__campaign_search_terms", "sums_to_account_performance",
     "update landed.google_ads__campaign_search_terms set impressions = 101"),
    ("landed.google_ads__user_locations", "sums_to_account_performance",
     "update landed.google_ads__user_locations set cost_micros = cost_micros + 1"),
    ("landed.google_ads__keywords", "day_not_empty",
     f"{LOADS} set rows = 0 where stream = 'keywords' and day = '2025-06-30'"),
    ("landed.google_ads__ads", "ad_id_never_null", "update landed.google_ads__ads set ad_id = null"),
    ("landed.meta_ads__ads", "key_unique", "insert into landed.meta_ads__ads from landed.meta_ads__ads"),
    (META, "sums_to_account_insights", f"update {META} set spend = spend + 0.000001 where date_day = '2025-06-30'"),
    ("landed.reads", "every_stream_of_hubspot_read", "delete from landed.reads where stream = 'deals'"),
    ("landed.reads", "every_stream_of_hubspot_read",
     "update landed.reads set day = '2025-06-29' where stream = 'deals' and source = 'hubspot'"),
    ("landed.reads", "rows_of_hubspot_as_stated",
     "update landed.reads set rows = 1 where stream = 'contacts' and is_offered"),
]  # fmt: skip

DAILY, CHANNELS, FACT_ADS = "mart.kpi_daily", "mart.kpi_channel_daily", "mart.fct_ad_performance"
COLUMNS = "information_schema.columns"
SHARES = "intermediate.int_quarantine_shares"
MART_DEFECTS = [
    ("intermediate.int_missing_rates", "no_missing_rates",
     "insert into intermediate.int_missing_rates values ('files', 'orders', 'CHF', '2025-06-30', 3)"),
    ("mart.quarantine", "nothing_quarantined",
     "insert into mart.quarantine by name select 'files' as source, 'deals' as stream, '7' as row_key,"
     " 'won_before_created' as reason"),
    (SHARES, "few_quarantined", f"update {SHARES} set quarantined_rows = 11"),
    ("mart.kpi_alerts", "rules_watch_something", "update mart.kpi_alerts set value = null"),
    ("mart.mart_freshness", "nothing_stale",
     "update mart.mart_freshness set is_stale = true, stale_reason = 'no answer'"),
    (FACT_ADS, "google_ads_totals_as_stated",
     f"update {FACT_ADS} set spend_local = spend_local + 0.000001 where source = 'google_ads'"),
    (FACT_ADS, "google_ads_totals_as_stated", f"delete from {FACT_ADS} where source = 'google_ads'"),
    (FACT_ADS, "meta_ads_totals_as_stated", f"update {FACT_ADS} set clicks = clicks + 1 where source = 'meta_ads'"),
    (FACT_ADS, "files_totals_as_stated", f"insert into {FACT_ADS} from {FACT_ADS} where source = 'files' limit 1"),
    (DAILY, "not_empty", f"delete from {DAILY}"),
    (DAILY, "every_day_once", f"delete from {DAILY} where date_day = '2025-06-15'"),
    (DAILY, "every_day_once", f"insert into {DAILY} from {DAILY} where date_day = '2025-06-15'"),
    (DAILY, "every_day_once", f"delete from {DAILY}"),
    (DAILY, "spend_usual", f"update {DAILY} set spend = 501 where date_day = '2025-06-30'"),
    (DAILY, "net_revenue_usual", f"update {DAILY} set net_revenue = 0 where date_day = '2025-06-30'"),
    (DAILY, "cac_usual", f"update {DAILY} set cac = 4.9 where date_day = '2025-06-30'"),
    (CHANNELS, "cpc_usual",
     f"update {CHANNELS} set cpc = 3 where date_day = '2025-06-30' and channel = 'Paid Search'"),
    (CHANNELS, "cac_usual", f"update {CHANNELS} set cac = 126 where date_day = '2025-06-30' and channel = 'Direct'"),
    (CHANNELS, "roas_usual", f"update {CHANNELS} set roas = 0.9 where date_day = '2025-06-30' and channel = 'Direct'"),
    (CHANNELS, "conversion_rate_usual",
     f"update {CHANNELS} set conversion_rate = 0.51 where date_day = '2025-06-30' and channel = 'Direct'"),
    (DAILY, "moved_only_as_restated", f"update {DAILY} set net_revenue = 499.9 where date_day = '2025-06-15'"),
    (DAILY, "moved_only_as_restated", f"update {DAILY} set orders = 31 where date_day = '2025-06-15'"),
    (DAILY, "moved_only_as_restated", f"update {DAILY} set spend = null where date_day = '2025-06-15'"),
    (DAILY, "closed_days_stand", f"update {DAILY} set new_customers = 14 where date_day = '2025-03-31'"),
    (CHANNELS, "orders_of_known_channel",
     f"update {CHANNELS} set channel = '(unattributed)' where channel <> 'Direct'"),
    (CHANNELS, "sessions_of_known_channel", f"update {CHANNELS} set channel = 'Unassigned' where channel = 'Direct'"),
    ("mart.kpi_utm_share", "paid_visits_of_known_campaigns",
     "update mart.kpi_utm_share set unmapped_share_28d = 0.0301 where date_day = '2025-06-30'"),
    ("mart.kpi_email", "rates_within_one", "update mart.kpi_email set click_to_open = 1.1"),
    (FACT_ADS, "spend_never_null", f"update {FACT_ADS} set spend = null where date_day = '2025-06-30'"),
    (FACT_ADS, "spend_local_never_null", f"update {FACT_ADS} set spend_local = null where date_day = '2025-06-30'"),
    ("mart.fct_orders", "net_amount_never_null", "update mart.fct_orders set net_amount = null"),
    ("mart.fct_orders", "net_amount_local_never_null", "update mart.fct_orders set net_amount_local = null"),
    ("mart.fct_orders", "rows_not_fallen_by_5_percent",
     "delete from mart.fct_orders where source = 'files' and order_id = 'order_id-0'"),
    ("mart.fct_orders", "rows_not_fallen_by_50_percent", "delete from mart.fct_orders where source = 'files'"),
    (COLUMNS, "no_personal_columns", "alter table mart.fct_orders add column customer_email_hash varchar"),
    (COLUMNS, "no_personal_columns", "alter table mart.fct_orders add column phone varchar"),
    (COLUMNS, "no_personal_columns", "create or replace view mart.fct_touches as select 'x' as email"),
    ("mart.fct_sessions", "no_email_in_text",
     "update mart.fct_sessions set campaign = 'https://shop.example/?to=Ann.Lee+x@mail.example.com&a=1'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gate_world.build(tmp_path_factory.mktemp("clean") / "mart.duckdb")


def landed_suites(scope) -> Mapping[str, Sequence]:
    from expectations import landed

    return landed.suites(scope)


def mart_suites(scope) -> Mapping[str, Sequence]:
    from expectations import mart

    return mart.suites(scope)


def only(suites_of: Callable, table: str, name: str) -> Callable:
    """The one check that a defect is meant for."""
    return lambda scope: {table: [check for check in suites_of(scope)[table] if check.name == name]}


def assert_red(result: GateResult) -> None:
    (check,) = result.checks
    assert not check.broken, check.observed
    assert not check.ok
    assert check.why
    assert check.next_step
    if check.name != "not_empty":
        assert check.failed_rows > 0
        assert len(Path(check.sample_path).read_text().splitlines()) == 1 + min(check.failed_rows, 20)


@pytest.mark.parametrize(("table", "name", "defect"), LANDED_DEFECTS)
def test_a_landed_defect_is_red(table: str, name: str, defect: str, clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, defect)
    suites = only(landed_suites, table, name)
    assert_red(run_gate("landed", suites, database, tmp_path / "out", gate_world.context()))


@pytest.mark.parametrize(("table", "name", "defect"), MART_DEFECTS)
def test_a_mart_defect_is_red(table: str, name: str, defect: str, clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, defect)
    suites = only(mart_suites, table, name)
    assert_red(run_gate("mart", suites, database, tmp_path / "out", gate_world.context(current_release=clean)))


@pytest.mark.parametrize(("suites_of", "cases"), [(landed_suites, LANDED_DEFECTS), (mart_suites, MART_DEFECTS)])
def test_every_kind_of_check_has_its_defect(suites_of: Callable, cases: list, clean: Path, tmp_path: Path) -> None:
    result = run_gate("any", suites_of, clean, tmp_path, gate_world.context(current_release=clean))
    assert len(result.checks) > 20
    assert [check.told() for check in result.checks if not check.ok] == []
    assert all(check.severity in ("error", "warning") and check.owner for check in result.checks)
    assert all(check.expected and check.why and check.next_step for check in result.checks)
    by_shape = {_shape(check.name, check.source) for check in result.checks}
    shown = {_shape(name, "hubspot") for _, name, _ in cases}
    bounds = {name for name in by_shape if name.endswith("_at_least_0")} - shown  # one shape, one column each
    assert by_shape - shown - bounds == set()


def _shape(name: str, source: str) -> str:
    """The name without the column or source that it is about, where there is one check for each of them."""
    return name.partition("_never_null")[1] or name.replace(f"of_{source}_", "of_a_source_")


def test_every_landed_check_names_the_source_that_it_judges(clean: Path, tmp_path: Path) -> None:
    result = run_gate("landed", landed_suites, clean, tmp_path, gate_world.context())
    for check in result.checks:
        assert check.source == check.table.removeprefix("landed.").split("__")[0] or check.table == "landed.reads"
    named = {check.source for check in result.checks if check.table == "landed.reads"}
    assert named == {stream.source for stream in gate_world.STREAMS}


def test_a_source_that_another_run_read_is_held_to_the_day_of_that_run(clean: Path, tmp_path: Path) -> None:
    later = gate_world.context(day=gate_world.DAY.replace(month=7, day=1), days={"meta_ads": gate_world.DAY})
    result = run_gate("landed", landed_suites, clean, tmp_path, later)
    late = {check.source for check in result.checks if "every_stream" in check.name and check.is_red}
    assert late == {stream.source for stream in gate_world.STREAMS} - {"meta_ads"}
    days = {check.table: check.ok for check in result.checks if check.name == "day_not_empty"}
    assert days[META] and not days[ADS]


def moved(clean: Path, tmp_path: Path, changes: str, name: str = "moved_only_as_restated", **told) -> CheckResult:
    """The check of kpi_daily against the release, after these changes to the candidate."""
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, changes)
    context = gate_world.context(current_release=clean, **told)
    (check,) = run_gate("mart", only(mart_suites, DAILY, name), database, tmp_path / "out", context).checks
    return check


def test_a_day_may_move_as_far_as_a_load_restated_it(clean: Path, tmp_path: Path) -> None:
    restated = (
        f"update {DAILY} set net_revenue = {{}} where date_day = '2025-06-15';"
        " update mart.fct_restatements set is_current = false where date_day = '2025-06-15' and metric = 'net_revenue';"
        " insert into mart.fct_restatements by name select 'shopify' as source, date '2025-06-15' as date_day,"
        " 'net_revenue' as metric, 'USD' as currency, 2 as load, true as is_current, true as is_accepted, 450 as value"
    )
    assert moved(clean, tmp_path, restated.format(450)).ok
    check = moved(clean, tmp_path, restated.format(449))
    assert not check.ok and check.is_red
    assert "released=500.0000000000, candidate=449.0000000000, restated=50.0000000000" in check.told()


def test_numbers_may_move_with_the_models_and_then_warn(clean: Path, tmp_path: Path) -> None:
    check = moved(clean, tmp_path, f"update {DAILY} set orders = 29 where date_day = '2025-06-15'", same_models=False)
    assert not check.ok and not check.is_red


@pytest.mark.parametrize("change", ["new_customers = 15", "leads = 45", "won_deals = 9"])
def test_a_closed_day_moves_a_little_when_persons_are_joined(change: str, clean: Path, tmp_path: Path) -> None:
    assert moved(clean, tmp_path, f"update {DAILY} set {change} where date_day = '2025-03-31'", "closed_days_stand").ok
    open_day = f"update {DAILY} set new_customers = 1 where date_day = '2025-04-01'"
    assert moved(clean, tmp_path, open_day, "closed_days_stand").ok


def test_a_ratio_of_few_orders_may_be_anything(clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(
        database, f"update {CHANNELS} set orders = 9; update {CHANNELS} set roas = 50 where date_day = '2025-06-30'"
    )
    suites = only(mart_suites, CHANNELS, "roas_usual")
    (check,) = run_gate("mart", suites, database, tmp_path / "out", gate_world.context()).checks
    assert check.ok


def test_texts_of_a_view_are_looked_for_where_they_stand(clean: Path, tmp_path: Path) -> None:
    result = run_gate("mart", mart_suites, clean, tmp_path, gate_world.context(current_release=clean))
    searched = {check.table for check in result.checks if check.name == "no_email_in_text"}
    assert "mart.fct_sessions" in searched
    assert "mart.fct_touches" not in searched


def test_the_message_names_currency_days_and_rows_of_a_missing_rate(clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(
        database,
        "insert into intermediate.int_missing_rates values"
        " ('files', 'orders', 'CHF', '2025-06-29', 3), ('hubspot', 'deals', 'CHF', '2025-06-30', 4)",
    )
    suites = only(mart_suites, "intermediate.int_missing_rates", "no_missing_rates")
    (check,) = run_gate("mart", suites, database, tmp_path / "out", gate_world.context()).checks
    assert "currency=CHF, days=2, first_day=2025-06-29, last_day=2025-06-30, rows_without_rate=7" in check.told()


def test_a_missing_rate_is_one_red_check(clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(
        database,
        "insert into intermediate.int_missing_rates values ('files', 'orders', 'CHF', '2025-06-30', 3);"
        " update mart.fct_orders set net_amount = null, fx_rate = null where source = 'files'",
    )
    result = run_gate("mart", mart_suites, database, tmp_path / "out", gate_world.context(current_release=clean))
    assert [check.name for check in result.checks if not check.ok] == ["no_missing_rates"]


def test_too_many_visits_of_no_campaign_name_the_links_to_mend(clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, "update mart.kpi_utm_share set unmapped_share_28d = 0.05")
    suites = only(mart_suites, "mart.kpi_utm_share", "paid_visits_of_known_campaigns")
    (check,) = run_gate("mart", suites, database, tmp_path / "out", gate_world.context()).checks
    assert "channel=Paid Search, utm_campaign=brnad, finding=unknown_campaign, sessions=84" in check.told()


@pytest.mark.parametrize(
    "change",
    [
        "quarantined_rows = 10",  # the share itself is allowed
        "quarantined_rows = 5, landed_rows = 20",  # a few rows stop nothing, whatever their share
    ],
)
def test_few_rows_in_quarantine_stop_nothing(change: str, clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, f"update {SHARES} set {change}")
    suites = only(mart_suites, SHARES, "few_quarantined")
    (check,) = run_gate("mart", suites, database, tmp_path / "out", gate_world.context()).checks
    assert check.ok


def test_the_warning_of_a_quarantine_counts_by_reason(clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    rows = ", ".join(f"('files', 'deals', '{number}', 'won_before_created')" for number in range(3))
    rows += ", ('files', 'budgets', '4', 'taken_back')"
    gate_world.change(database, f"insert into mart.quarantine (source, stream, row_key, reason) values {rows}")
    suites = only(mart_suites, "mart.quarantine", "nothing_quarantined")
    (check,) = run_gate("mart", suites, database, tmp_path / "out", gate_world.context()).checks
    assert check.severity == "warning"
    assert "stream=deals, reason=won_before_created, rows_quarantined=3" in check.told()
    assert check.failed_rows == 1


def test_rows_that_a_person_knows_of_are_warned_of_no_more(clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    rows = ", ".join(f"('files', 'deals', '{key}', 'won_before_created')" for key in ("1", "o''2", "3"))
    gate_world.change(database, f"insert into mart.quarantine (source, stream, row_key, reason) values {rows}")
    known = frozenset(("files", "deals", "won_before_created", key) for key in ("1", "o'2"))
    suites = only(mart_suites, "mart.quarantine", "nothing_quarantined")
    (check,) = run_gate("mart", suites, database, tmp_path / "out", gate_world.context(acknowledged=known)).checks
    assert "rows_quarantined=1, first_row=3" in check.told()


@pytest.mark.parametrize("stream", ["hubspot__deals", "shopify__orders", "files__costs", "google_ads__conversions"])
def test_what_goes_into_quarantine_without_a_currency_does_not_stop_the_rest(
    stream: str, clean: Path, tmp_path: Path
) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, f"update landed.{stream} set currency = null")
    suites = only(landed_suites, f"landed.{stream}", "currency_is_iso")
    (check,) = run_gate("landed", suites, database, tmp_path / "out", gate_world.context()).checks
    assert check.ok


def test_a_day_landed_after_the_logical_day_is_no_defect(clean: Path, tmp_path: Path) -> None:
    """An older day is run again while newer ones stand in the landing."""
    before = gate_world.context(day=gate_world.DAY.replace(day=29))
    result = run_gate("landed", landed_suites, clean, tmp_path, before)
    assert result.checks
    assert [check.told() for check in result.checks if not check.ok] == []


@pytest.mark.parametrize(
    ("table", "name", "change"),
    [
        (META, "as_much_as_usual", f"{LOADS} set rows = 59 where stream = 'ad_insights' and day = '2025-06-30'"),
        (META, "as_much_as_usual", f"{LOADS} set rows = 19 - (day - date '2025-06-30') where stream = 'ad_insights'"),
        (META, "not_near_zero", f"{LOADS} set rows = 4 where stream = 'ad_insights' and day = '2025-06-30'"),
        (META, "not_near_zero", f"{LOADS} set rows = 19, totals = '{{}}' where stream = 'ad_insights';"
         f" {LOADS} set rows = 0 where stream = 'ad_insights' and day = '2025-06-30'"),
        (META, "not_near_zero", "delete from landed.loads where stream = 'ad_insights' and day < '2025-06-09';"
         f" {LOADS} set rows = 0 where stream = 'ad_insights' and day = '2025-06-30'"),
        (META, "not_near_zero", f"{LOADS} set rows = 0 where stream = 'ad_insights' and day = '2025-06-28'"),
        (META, "restated_days_keep_their_rows",
         f"{LOADS} set rows = 20 where stream = 'ad_insights' and day = '2025-06-29' and is_offered"),
        (META, "day_is_no_copy",
         f"{LOADS} set totals = '{{}}', rows = 19 where stream = 'ad_insights' and day >= '2025-06-29'"),
        ("landed.hubspot__deals", "columns_still_filled", "update landed.hubspot__deals set pipeline = null"),
        ("landed.hubspot__deals", "contact_is_known", "update landed.hubspot__deals set contact_ids = []"),
    ],
)  # fmt: skip
def test_chance_and_what_was_judged_before_are_no_defects(
    table: str, name: str, change: str, clean: Path, tmp_path: Path
) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, change)
    (check,) = run_gate("landed", only(landed_suites, table, name), database, tmp_path, gate_world.context()).checks
    assert check.ok, check.told()


def test_a_source_that_may_lag_two_days_must_have_the_day_before(clean: Path, tmp_path: Path) -> None:
    slow = [replace(s, expected_lag_hours=48) for s in gate_world.STREAMS if s.source == "meta_ads"]
    for day, ok in (("2025-06-30", True), ("2025-06-29", False)):
        database = shutil.copy(clean, tmp_path / "mart.duckdb")
        gate_world.change(database, f"{LOADS} set rows = 0 where stream = 'ad_insights' and day >= '{day}'")
        suites = only(landed_suites, META, "day_not_empty")
        (check,) = run_gate("landed", suites, database, tmp_path, gate_world.context(streams_on=slow)).checks
        assert check.ok is ok


def test_a_hole_before_newer_days_is_red(clean: Path, tmp_path: Path) -> None:
    database = shutil.copy(clean, tmp_path / "mart.duckdb")
    gate_world.change(database, f"{LOADS} set rows = 0 where stream = 'ad_insights' and day = '2025-06-29'")
    before = gate_world.context(day=gate_world.DAY.replace(day=29))
    assert_red(run_gate("landed", only(landed_suites, META, "day_not_empty"), database, tmp_path / "out", before))


def test_a_stream_with_a_nullable_key_part_asks_only_for_the_rest() -> None:
    from expectations import landed
    from expectations.base import Scope

    suite = landed.suites(Scope(gate_world.DAY, gate_world.KPI_START, gate_world.STREAMS))["landed.files__budgets"]
    names = [check.name for check in suite]
    assert "month_never_null" in names
    assert "campaign_id_never_null" not in names


def test_each_stream_that_is_on_has_a_suite_with_its_key() -> None:
    from expectations import landed
    from expectations.base import Scope

    suites = landed.suites(Scope(gate_world.DAY, gate_world.KPI_START, gate_world.STREAMS))
    for stream in gate_world.STREAMS:
        assert "key_unique" in [check.name for check in suites[f"landed.{stream.source}__{stream.name}"]]


def test_reports_in_part_warn_where_whole_ones_stop() -> None:
    from expectations import landed
    from expectations.base import Scope

    checks = landed.suites(Scope(gate_world.DAY, gate_world.KPI_START, tuple(gate_world.STREAMS)))
    severities = {
        stream: {check.name: check.severity for check in checks[f"landed.google_ads__{stream}"]}
        for stream in ("ad_performance", "keywords")
    }
    for name in ("not_empty", "day_not_empty", "sums_to_account_performance"):
        assert (severities["ad_performance"][name], severities["keywords"][name]) == ("error", "warning")
    assert severities["keywords"]["key_unique"] == "error"
