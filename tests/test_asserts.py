"""Every assert_* of the dbt project is red where a table has the defect that its header speaks of, and green before."""

import re
from collections.abc import Iterator

import duckdb
import pytest
from example_world import built_example
from landed_world import PROJECT

COMPILED = "target/compiled/marketing_mart/tests"
GOOGLE = "'google_ads' as source, date '2025-06-01' as date_day, '1' as account_id, 'brand' as campaign_id"
DOLLARS = "from fct_ad_days where date_day = '2025-06-01' and fx_rate = 1"

# (the assert, the defect, the statement that brings it about)
DEFECTS = [
    ("ad_parts_are_conserved", "a keyword nobody landed", f"""insert into fct_ad_keywords by name
        select {GOOGLE}, 1 as impressions, 0 as clicks, 0 as spend_local, 0 as conversions"""),
    ("ad_parts_stay_within", "more in a country than in its campaign", f"""insert into fct_ad_countries by name
        select {GOOGLE}, 601 as impressions, 0 as clicks, 0 as spend_local"""),
    ("ad_reports_agree", "a report without what is in no campaign", """
        create table fewer as from ad_reporting__campaign_report where campaign_id <> '(unallocated)';
        drop view ad_reporting__campaign_report; alter table fewer rename to ad_reporting__campaign_report"""),
    ("ads_are_conserved", "what is in no campaign is dropped",
     "delete from dim_ad_state where campaign_id = '(unallocated)'"),
    ("ads_are_conserved", "a campaign that KPIs read has a click less than its ads",
     "update intermediate.int_campaign_ad_days set clicks = clicks - 1 where campaign_id = 'brand'"),
    ("amounts_are_converted", "errors of a day that take each other back", f"""update fct_ad_days
        set spend = spend + case ad_state_id when (select min(ad_state_id) {DOLLARS}) then 1
            when (select max(ad_state_id) {DOLLARS}) then -1 else 0 end
        where date_day = '2025-06-01'"""),
    ("amounts_are_converted", "an amount that is missing beside its rate", """update fct_ad_days set spend = null
        where ad_state_id in (select ad_state_id from dim_ad_state where ad_id = 'ad1')"""),
    ("amounts_are_converted", "an order left unconverted",
     "update fct_orders set net_amount = net_amount_local where order_id = 'o1'"),
    ("amounts_are_converted", "a cost left unconverted beside its value",
     "update fct_orders set cost_amount = cost_amount_local where order_id = 'o1'"),
    ("amounts_are_converted", "a rate of a later day",
     "update intermediate.int_fx_rates set fx_rate_day = date_day + 1 where currency = 'EUR'"),
    ("attribution_is_conserved", "a model without the unattributed",
     "update fct_attribution_days set conversions_linear = 0, revenue_linear = 0 where channel = '(unattributed)'"),
    ("attribution_is_conserved", "a model that invents revenue",
     "update fct_attribution_days set revenue_markov = revenue_markov + 0.01 where revenue_markov > 0"),
    ("attribution_is_conserved", "credits repeated by spend that stands twice",
     "insert into kpi_campaign_daily from kpi_campaign_daily where spend > 0"),
    ("budgets_reach_pacing", "spend that pacing leaves out", "delete from kpi_budget_pacing where spend_to_date > 0"),
    ("budgets_reach_pacing", "a budget that nobody paces", """insert into intermediate.int_budgets by name
        select date '2025-06-01' as month, 'Display' as channel, '(all)' as campaign_id, 9 as amount_local,
            true as is_due"""),
    ("campaign_history_is_whole", "an ended period that runs on",
     "update dim_campaign set valid_to = null where not is_current"),
    ("claims_are_declared", "windows that nest are added up",
     "update fct_ad_conversions set is_declared = true where attribution_window = '1d_click'"),
    ("credits_add_up", "a cut that nobody takes back",
     "update fct_attribution set credit_linear = credit_linear - 0.000001 where conversion_id = 'o1'"),
    ("credits_add_up", "a conversion without a row", "delete from fct_attribution where conversion_id = 'o6'"),
    ("customers_are_conserved", "a cohort's last month is missing", "delete from kpi_cohort where customers > 0"),
    ("customers_are_conserved", "a person in two segments",
     "update kpi_customer_segments set customers = customers + 1 where customers > 0"),
    ("deal_stages_are_whole", "a deal that is in no stage", "delete from fct_deal_stages where is_current"),
    ("emails_are_conserved", "a send nobody landed",
     "insert into fct_email_sends by name select 'files' as source, 10 as recipients"),
    ("events_are_conserved", "a visit twice", "insert into fct_visits from fct_visits where session_id = 's1'"),
    ("facts_reach_kpis", "a cent too much", "update kpi_daily set net_revenue = net_revenue + 0.01"),
    ("facts_reach_kpis", "a new customer too few", "update kpi_daily set new_customers = new_customers - 1"),
    ("funnel_is_whole", "a lead that falls out", "delete from kpi_funnel where leads > 0"),
    ("funnel_is_whole", "more won than there were opportunities", "update kpi_funnel set won = opportunities + 1"),
    ("grains_add_up", "an ad in another campaign",
     "update intermediate.int_campaign_ad_days set campaign_id = 'pmax' where campaign_id = 'brand'"),
    ("grains_add_up", "an account that its campaigns lose a click of",
     "update kpi_campaign_daily set clicks = clicks - 1 where campaign_id = 'brand'"),
    ("kpi_definitions_agree", "a ratio that is not its sums' quotient",
     "update kpi_channel_daily set cac = cac * 1.01 where cac > 0"),
    ("kpis_agree", "a channel too few", "delete from kpi_channel_daily where channel = '(unattributed)'"),
    ("kpis_agree", "a campaign's order twice",
     "update kpi_campaign_daily set orders = orders + 1 where campaign_id = 'brand'"),
    ("orders_are_conserved", "an order twice", "insert into fct_orders from fct_orders where order_id = 'o1'"),
    ("orders_are_conserved", "a line lost", "delete from fct_order_lines where order_id = 'o1'"),
    ("persons_are_whole", "a person split", """update intermediate.int_persons set person_id = 'nobody'
        where identifier = (select min(identifier) from intermediate.int_identifier_links)"""),
    ("persons_are_whole", "a record's identifier that is nobody's", """delete from intermediate.int_persons
        where identifier = (select min(identifier) from intermediate.int_identifier_links)"""),
    ("persons_keep_their_orders", "an order lost in a merge",
     "update dim_customer set orders = orders - 1 where orders > 1"),
    ("persons_keep_their_orders", "a known person's visit lost",
     "update dim_customer set sessions = sessions - 1 where sessions > 0"),
    ("products_reach_kpis", "a product lost", "delete from kpi_product_daily where revenue > 0"),
    ("products_reach_kpis", "an order of no sales channel", "delete from kpi_channel_mix where orders > 0"),
    ("quarantine_is_conserved", "a cost that vanished", "delete from fct_costs where kind = 'agency'"),
    ("quarantine_is_conserved", "a claim that vanished",
     "delete from fct_ad_conversions where conversions_value_local > 0"),
    ("quarantine_is_conserved", "a fact in quarantine as well", """insert into quarantine by name
        select 'files' as source, 'costs' as stream, 50 as amount_local"""),
    ("relations_hold", "a channel nobody knows", "delete from dim_channel where channel = 'Paid Search'"),
    ("relations_hold", "a channel of ads that nobody knows", "update dim_ad_state set channel = 'Nowhere'"),
    ("relations_hold", "a day of ads that no calendar has", """update fct_ad_days set date_day = date '1999-01-01';
        update dim_campaign set valid_from = date '1990-01-01'"""),
    ("relations_hold", "a person nobody knows", "delete from dim_customer where orders > 0"),
    ("relations_hold", "a product nobody knows", "delete from dim_product"),
    ("relations_hold", "an ad that had no name on its day", "delete from dim_campaign where ad_id = 'ad1'"),
    ("restatements_agree", "a ledger that tells another value", """insert into fct_restatements by name
        select source, date_day, 'clicks' as metric, '' as currency, sum(clicks) - 1 as value_local, true as is_current
        from intermediate.int_ad_days group by all"""),
    ("searches_reach_kpis", "a search that reached no KPI", f"""insert into fct_ad_search_terms by name
        select {GOOGLE}, 5 as impressions, 1 as clicks, 1 as spend"""),
    ("visits_are_single", "a visit of today on another day again", """
        insert into fct_visits select * replace (date '2020-01-01' as date_day) from fct_visits
        where session_id = 's1'"""),
    ("visits_are_single", "old visits that are all there twice", """
        insert into fct_visits select visits.* replace (date '2020-01-01' as date_day, number::text as session_id)
        from fct_visits as visits, range(100) as numbers (number), range(2) where session_id = 's1'"""),
    ("visits_are_single", "a visit without an id", "update fct_visits set session_id = null where session_id = 's1'"),
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory):
    return built_example(tmp_path_factory)


@pytest.fixture
def mart(world) -> Iterator[duckdb.DuckDBPyConnection]:
    """The example's mart; what a test changes in it is taken back."""
    with duckdb.connect() as connection:
        connection.execute(f"set timezone = 'UTC'; attach '{world.path}' as mart; use mart.mart; begin")
        yield connection
        connection.execute("rollback")


@pytest.mark.parametrize(("name", "defect", "statement"), DEFECTS, ids=[": ".join(case[:2]) for case in DEFECTS])
def test_an_assert_is_red_where_its_defect_is(world, mart, name, defect, statement):
    query = (world.folder / COMPILED / f"assert_{name}.sql").read_text()
    assert mart.execute(query).fetchall() == [], "red without a defect"
    mart.execute(statement)
    assert mart.execute(query).fetchall() != [], defect


def test_every_assert_has_a_defect():
    asserts = {path.stem.removeprefix("assert_") for path in (PROJECT / "tests").glob("assert_*.sql")}
    assert asserts
    assert {name for name, *_ in DEFECTS} == asserts


def test_an_assert_begins_with_the_mistake_that_it_catches():
    for path in (PROJECT / "tests").glob("assert_*.sql"):
        header = re.match(r"(?:--.*\n)+", path.read_text())
        assert header and "Catches" in header[0], path.name
