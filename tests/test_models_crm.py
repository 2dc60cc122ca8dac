"""Emails, stages of deals and the funnel, worked out by hand over `funnel_world`."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from funnel_world import VARIABLES, funnel_world
from landed_world import LandedWorld

COUNTS = "leads, implied_leads, mqls, sqls, opportunities, won"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    """Built with every dbt test."""
    world = funnel_world(tmp_path_factory.mktemp("funnel"))
    world.build("--exclude-resource-type", "unit_test", **VARIABLES)
    return world


def tuples(world: LandedWorld, query: str) -> list[tuple]:
    return [tuple(row.values()) for row in world.rows(query)]


def cohort(world: LandedWorld, monday: str, channel: str = "(unattributed)") -> dict[str, Any]:
    (row,) = world.rows(f"select * from mart.kpi_funnel where date_day = '{monday}' and channel = '{channel}'")
    return row


def counts(row: dict[str, Any]) -> tuple:
    return tuple(row[name] for name in COUNTS.split(", "))


def test_an_emails_messages_of_a_reporting_day_are_one_send(world: LandedWorld) -> None:
    sends = tuples(world, "select date_day, sent_at, recipients, campaign_name from mart.fct_email_sends "
                          "where source = 'hubspot' order by date_day")  # fmt: skip
    assert sends == [
        (date(2025, 5, 27), datetime(2025, 5, 27, 7, tzinfo=UTC), 1, "Digest"),
        (date(2025, 6, 3), datetime(2025, 6, 2, 22, 30, tzinfo=UTC), 5, "Digest"),  # m5, m1, m2, m3, m4
    ]


def test_persons_count_once_and_scanners_never(world: LandedWorld) -> None:
    (row,) = world.rows("select * from mart.fct_email_sends where source = 'hubspot' and date_day = '2025-06-03'")
    assert row["delivered"] == 4, "all but Cleo's, Dora's since she opened it"
    assert (row["opens"], row["total_opens"]) == (3, 4), "Anna, Dora, and Ben by his click; Anna thrice"
    assert (row["clicks"], row["total_clicks"]) == (2, 2)
    assert (row["bounces"], row["complaints"]) == (1, 1), "Ben's bounce did not hold"
    assert (row["revenue"], row["revenue_local"], row["currency"]) == (None, None, None), "HubSpot tells of none"


def test_an_unsubscription_counts_for_the_latest_message(world: LandedWorld) -> None:
    rows = tuples(world, "select unsubscribes from mart.fct_email_sends where source = 'hubspot' order by date_day")
    assert rows == [(0,), (1,)]


def test_rates_of_a_send_are_of_what_was_delivered(world: LandedWorld) -> None:
    (row,) = world.rows("select * from mart.kpi_email where date_day = '2025-06-03'")
    assert (row["open_rate"], row["click_rate"], row["click_to_open"]) == (3 / 4, 2 / 4, 2 / 3)
    assert (row["unsubscribe_rate"], row["bounce_rate"], row["revenue_per_recipient"]) == (1 / 4, 1 / 5, None)


def test_a_files_send_is_as_told_its_revenue_converted(world: LandedWorld) -> None:
    (row,) = world.rows("select * from mart.kpi_email where date_day = '2025-06-04'")
    assert (row["revenue"], row["revenue_per_recipient"]) == (60, 0.6)
    assert (row["open_rate"], row["bounces"], row["bounce_rate"]) == (0.5, None, None), "unknown is not 0"


def test_a_send_that_reached_nobody_has_no_rates_and_one_before_the_kpi_days_no_row(world: LandedWorld) -> None:
    (row,) = world.rows("select * from mart.kpi_email where date_day = '2025-06-05'")
    assert (row["open_rate"], row["click_rate"], row["click_to_open"], row["bounce_rate"]) == (None, None, None, 1)
    days = "select count(*) as sends, min(date_day) as first_day from mart."
    assert tuples(world, days + "fct_email_sends") == [(5, date(2025, 3, 4))]
    assert tuples(world, days + "kpi_email") == [(4, date(2025, 5, 27))]


def test_a_deal_has_a_row_for_every_time_it_entered_a_stage(world: LandedWorld) -> None:
    query = "select stage_number, stage, days_in_stage, is_current, date_day from mart.fct_deal_stages where deal_id = "
    assert tuples(world, query + "'back_and_forth' order by 1") == [
        (1, "new", 2, False, date(2025, 3, 15)),
        (2, "offer", Decimal("0.5"), False, date(2025, 3, 17)),
        (3, "new", Decimal("14.5"), False, date(2025, 3, 17)),
        (4, "closedwon", None, True, date(2025, 4, 1)),
    ]
    assert [row[1:4] for row in tuples(world, query + "'second' order by 1")] == [
        ("new", 1, False),
        ("offer", 0, False),  # of one instant: what the deal is in now comes last
        ("lost", None, True),
    ]


def test_stages_end_at_the_marts_day_and_deleted_deals_have_none(world: LandedWorld) -> None:
    stages = "select deal_id, stage, is_current from mart.fct_deal_stages where deal_id in ('won_later', 'deleted')"
    assert tuples(world, stages) == [("won_later", "new", True)]


def test_without_a_history_only_the_present_stage_is_known(world: LandedWorld) -> None:
    stages = "select deal_id, stage, date_day, days_in_stage, is_history_told from mart.fct_deal_stages "
    assert tuples(world, stages + "where source = 'files' order by 1") == [
        ("f_expected", "talks", date(2025, 5, 1), None, False),
        ("f_open", "talks", date(2025, 5, 1), None, False),
        ("f_won", "won", date(2025, 5, 20), None, False),
    ]


def test_a_campaigns_cohort_stands_beside_what_its_week_cost(world: LandedWorld) -> None:
    row = cohort(world, "2025-03-03", "Paid Search")
    assert (row["source"], row["campaign_id"], row["campaign_name"]) == ("files", "b", "Brand")
    assert counts(row) == (1, 0, 1, 1, 1, 1)
    assert (row["spend"], row["cost_per_lead"], row["cost_per_won"], row["lead_to_won_rate"]) == (100, 100, 100, 1)
    medians = [row[f"median_days_{name}"] for name in ("lead_to_mql", "mql_to_sql", "sql_to_opportunity")]
    assert medians == [2, 2, 6]
    assert (row["median_days_opportunity_to_won"], row["median_days_lead_to_won"]) == (17, 27)


def test_a_later_stage_implies_the_earlier_ones(world: LandedWorld) -> None:
    # two_days, three_days, no_mql (with the deal of the one merged into it), no_lead
    row = cohort(world, "2025-03-03")
    assert counts(row) == (4, 1, 4, 1, 1, 0)
    assert (row["lead_to_mql_rate"], row["mql_to_sql_rate"], row["sql_to_opportunity_rate"]) == (1, 0.25, 1)
    assert (row["lead_quality"], row["opportunity_to_won_rate"]) == (0.25, 0)
    assert row["median_days_lead_to_mql"] == 2.5, "the middle of 2 and 3; where an instant is missing nothing is timed"
    assert (row["median_days_mql_to_sql"], row["median_days_sql_to_opportunity"]) == (None, 12)
    assert (row["spend"], row["cost_per_lead"], row["campaign_id"]) == (0, 0, "(none)")


def test_a_cohort_is_the_week_of_the_reporting_zone_by_the_lead_or_the_first_stage_told(world: LandedWorld) -> None:
    assert counts(cohort(world, "2025-03-10")) == (2, 1, 1, 1, 1, 0)  # monday_in_berlin, only_a_deal


def test_a_week_of_spend_without_a_lead_stays(world: LandedWorld) -> None:
    row = cohort(world, "2025-03-17", "Paid Search")
    assert counts(row) == (0, 0, 0, 0, 0, 0)
    assert (row["spend"], row["cost_per_lead"], row["lead_quality"], row["median_days_lead_to_mql"]) == (
        30,
        *3 * (None,),
    )


def test_a_cohort_is_mature_90_days_after_its_sunday(world: LandedWorld) -> None:
    mature, young = cohort(world, "2025-03-24"), cohort(world, "2025-03-31")
    assert (mature["is_mature"], young["is_mature"]) == (True, False)
    assert counts(mature) == (1, 0, 0, 0, 0, 0), "qualified after the mart's day"
    assert counts(young) == (1, 0, 1, 1, 1, 0), "won after the mart's day"


def test_who_was_a_lead_before_the_kpi_days_or_never_is_in_no_cohort(world: LandedWorld) -> None:
    assert tuples(world, f"select {', '.join(f'sum({name})' for name in COUNTS.split(', '))} from mart.kpi_funnel") == [
        (9, 2, 7, 4, 4, 1)
    ]
