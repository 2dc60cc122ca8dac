"""Touches, conversions, credits and what kpi_attribution makes of them, each worked out from the definition."""

import importlib.util
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from math import factorial

import pytest
from attribution_world import DAYS, WINDOWS, attribution_world
from landed_world import PROJECT, LandedWorld

MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    """Built with every data test of dbt, so that credits and revenue are known to be conserved."""
    world = attribution_world(tmp_path_factory.mktemp("attribution"))
    world.build("--exclude-resource-type", "unit_test", attribution_windows=WINDOWS, **DAYS)
    return world


def path(world: LandedWorld, conversion_type: str, conversion_id: str) -> list[str | None]:
    rows = world.rows(
        f"select touch_id from mart.fct_attribution where conversion_type = '{conversion_type}' "
        f"and conversion_id = '{conversion_id}' order by touch_number"
    )
    return [row["touch_id"] for row in rows]


def credits(world: LandedWorld, conversion_id: str, model: str) -> list[str]:
    rows = world.rows(
        f"select credit_{model} as credit from mart.fct_attribution where conversion_id = '{conversion_id}' "
        f"and conversion_type in ('first_order', 'repeat_order') order by touch_number"
    )
    return [f"{row['credit'].normalize():f}" for row in rows]


def told(world: LandedWorld, model: str, conversion_type: str, day: str) -> dict[str, tuple]:
    """Conversions and revenue by channel."""
    rows = world.rows(
        f"select channel, sum(conversions) as conversions, sum(revenue) as revenue from mart.kpi_attribution "
        f"where model = '{model}' and conversion_type = '{conversion_type}' and date_day = '{day}' "
        f"and (conversions <> 0 or revenue <> 0) group by channel"
    )
    return {row["channel"]: (row["conversions"], row["revenue"]) for row in rows}


def test_touches_are_visits_clicks_forms_and_events_of_known_persons(world: LandedWorld) -> None:
    rows = world.rows("select touch_id, channel, utm_campaign from mart.fct_touches where touch_type <> 'session'")
    # The letter names no channel: without source and medium the built-in rules say Direct. What nobody is known for
    # (an id or a mailbox that nothing else tells of), a scanner's click and an open are no touches.
    assert {tuple(row.values()) for row in rows} == {
        ("email_click:hubspot:1", "Email", "digest"),
        ("event:files:1", "Events", "fair"),
        ("event:files:2", "Direct", ""),
        ("lead_form:files:gina", "Affiliates", "spring"),
    }


def test_a_touch_of_the_conversions_instant_counts_and_one_exactly_a_window_before(world: LandedWorld) -> None:
    assert path(world, "first_order", "a1") == ["session:files:a1", "session:files:a2", "session:files:a3"]
    assert path(world, "first_order", "e1") == ["session:files:e1"]


def test_a_later_conversion_asks_for_its_own_window_whatever_the_one_before_took(world: LandedWorld) -> None:
    # a2 is a repeat order: of the 10 days before it only the third visit, which a1 took too.
    assert path(world, "repeat_order", "a2") == ["session:files:a3"]


def test_touches_of_one_instant_are_in_the_order_of_their_ids(world: LandedWorld) -> None:
    assert path(world, "first_order", "b2") == ["session:files:b1", "session:files:b2"]
    assert credits(world, "b2", "last_touch") == ["0", "1"]


def test_a_conversion_without_a_touch_before_it_stays_unattributed(world: LandedWorld) -> None:
    assert path(world, "first_order", "c1") == [None]
    for model in (*MODELS, "markov", "shapley"):
        assert told(world, model, "first_order", "2025-06-13") == {"(unattributed)": (1, 20)}, model


def test_credits_of_the_path_models(world: LandedWorld) -> None:
    # Paid Search 14 days before, Email 7 days, Direct at the instant: weights 1/4, 1/2, 1 of 7/4.
    assert credits(world, "a1", "first_touch") == ["1", "0", "0"]
    assert credits(world, "a1", "last_touch") == ["0", "0", "1"]
    assert credits(world, "a1", "last_non_direct") == ["0", "1", "0"]
    assert credits(world, "a1", "linear") == ["0.333333333", "0.333333333", "0.333333334"]
    assert credits(world, "a1", "position_based") == ["0.4", "0.2", "0.4"]
    assert credits(world, "a1", "time_decay") == ["0.142857142", "0.285714285", "0.571428573"]


def test_last_non_direct_falls_back_to_direct(world: LandedWorld) -> None:
    assert told(world, "last_non_direct", "repeat_order", "2025-06-20") == {"Direct": (1, 50)}


def test_a_credit_note_is_revenue_and_no_conversion(world: LandedWorld) -> None:
    assert told(world, "linear", "repeat_order", "2025-06-21") == {"Direct": (0, -30)}


def test_a_cancelled_order_is_a_repeat_order(world: LandedWorld) -> None:
    rows = world.rows("select conversion_id, conversion_type from mart.fct_attribution where conversion_id like 'b_'")
    assert {(row["conversion_id"], row["conversion_type"]) for row in rows} == {
        ("b1", "repeat_order"),
        ("b2", "first_order"),
    }


def test_won_deals_look_further_back_than_leads(world: LandedWorld) -> None:
    assert path(world, "won_deal", "d1") == ["session:files:d1", "session:files:d2", "email_click:hubspot:1"]
    assert path(world, "lead", "dora") == ["session:files:d2"]
    assert path(world, "lead", "gina") == ["lead_form:files:gina"]
    assert path(world, "won_deal", "d2") == [None]  # a deal without a contact
    assert told(world, "last_touch", "won_deal", "2025-06-25") == {"Email": (1, 1000), "(unattributed)": (1, 70)}


def test_a_contacts_channel_is_what_came_before_its_creation(world: LandedWorld) -> None:
    rows = world.rows("select contact_id, channel from mart.fct_contacts")
    assert {tuple(row.values()) for row in rows} == {("dora", "Paid Social"), ("gina", "Affiliates")}
    assert world.rows("select channel from mart.fct_deals where deal_id = 'd1'") == [{"channel": "Paid Social"}]


def test_orders_before_the_kpi_days_have_no_channel_and_are_not_attributed(world: LandedWorld) -> None:
    assert world.rows("select channel from mart.fct_orders where order_id = 'old'") == [{"channel": None}]
    assert path(world, "first_order", "old") == []


def test_the_long_view_multiplies_credits_exactly(world: LandedWorld) -> None:
    rows = world.rows(
        "select touch_id, credited_conversions, credited_revenue from mart.fct_attribution_long "
        "where conversion_id = 'a1' and model = 'linear' order by touch_id"
    )
    assert [str(row["credited_revenue"]) for row in rows[1:]] == ["29.9999999700000000000", "30.0000000600000000000"]
    assert sum(row["credited_conversions"] for row in rows) == 1
    assert sum(row["credited_revenue"] for row in rows) == 90


def test_cost_per_customer_and_return_exist_by_model(world: LandedWorld) -> None:
    rows = world.rows(
        "select model, conversions, spend, cac, roas from mart.kpi_attribution where campaign_id = 'brand' "
        "and conversion_type = 'first_order' and date_day = '2025-06-15'"
    )
    found = {row["model"]: row for row in rows}
    assert set(found) == set(MODELS)
    assert {row["spend"] for row in rows} == {30}
    assert (found["first_touch"]["cac"], found["first_touch"]["roas"]) == (30, 3)
    assert (found["last_touch"]["cac"], found["last_touch"]["roas"]) == (None, 0)
    assert found["position_based"]["cac"] == 30 / 0.4


def test_spend_that_earned_nothing_stands_beside_every_type_and_model(world: LandedWorld) -> None:
    rows = world.rows(
        "select conversion_type, model, spend, conversions, cac from mart.kpi_attribution where channel = 'Paid Video'"
    )
    assert len({(row["conversion_type"], row["model"]) for row in rows}) == len(rows) == 4 * 8
    assert {(row["spend"], row["conversions"], row["cac"]) for row in rows} == {(7, 0, None)}


def test_shapley_is_the_mean_of_marginal_gains_over_all_orders_of_channels(world: LandedWorld) -> None:
    # v(S): first orders all of whose channels lie in S. Each channel's value by the definition, over every order in
    # which the channels can come together.
    paths = defaultdict(set)
    for row in world.rows(
        "select conversion_id, channel from mart.fct_attribution where conversion_type = 'first_order'"
    ):
        paths[row["conversion_id"]].add(row["channel"])
    paths = [channels for channels in paths.values() if channels != {"(unattributed)"}]
    channels = sorted(set.union(*paths))
    assert len(paths) == 4 and len(channels) == 6
    values: dict[str, Fraction] = defaultdict(Fraction)
    for order in permutations(channels):
        together: set[str] = set()
        for channel in order:
            before = sum(path <= together for path in paths)
            together.add(channel)
            values[channel] += Fraction(sum(path <= together for path in paths) - before, factorial(len(channels)))
    rows = world.rows(
        "select channel, sum(conversions) as conversions from mart.kpi_attribution where model = 'shapley' "
        "and conversion_type = 'first_order' and channel <> '(unattributed)' and conversions <> 0 group by channel"
    )
    assert {row["channel"]: float(row["conversions"]) for row in rows} == pytest.approx(
        {channel: float(value) for channel, value in values.items()}, abs=1e-8
    )


def test_markov_of_a_path_set_worked_by_hand(world: LandedWorld) -> None:
    """Won deals: dora's Paid Social > Referral > Email converts; xena's Paid Social and yuri's Referral > Email, in the
    60 days before the end, do not. dora's visit of August is no path, since she did convert.

    start -> Paid Social 2/3, Referral 1/3; Paid Social -> Referral 1/2, null 1/2; Referral -> Email 1;
    Email -> conversion 1/2, null 1/2. Reached: (2/3 x 1/2 + 1/3) x 1 x 1/2 = 1/3.
    Without Paid Social 1/3 x 1/2 = 1/6: effect 1/2. Without Referral, or Email, 0: effect 1. Shares 1/5, 2/5, 2/5.
    """
    effects = world.rows(
        "select channel, removal_effect, share from intermediate.int_markov_shares where conversion_type = 'won_deal' "
        "order by channel"
    )
    assert [tuple(row.values()) for row in effects] == [
        ("Email", 1, Decimal("0.4")),
        ("Paid Social", Decimal("0.5"), Decimal("0.2")),
        ("Referral", 1, Decimal("0.4")),
    ]
    assert told(world, "markov", "won_deal", "2025-06-25") == {
        "Email": (Decimal("0.4"), 400),
        "Referral": (Decimal("0.4"), 400),
        "Paid Social": (Decimal("0.2"), 200),
        "(unattributed)": (1, 70),
    }


def test_markov_adds_up_over_channels_day_by_day(world: LandedWorld) -> None:
    days = world.rows(
        "select date_day, conversion_type, sum(conversions) as conversions, model from mart.kpi_attribution "
        "where model in ('markov', 'linear') group by all having sum(conversions) <> 0 order by all"
    )
    by_model = {model: [tuple(row.values()) for row in days if row["model"] == model] for model in ("linear", "markov")}
    assert [row[:3] for row in by_model["markov"]] == [row[:3] for row in by_model["linear"]]
    assert (date(2025, 6, 15), "first_order", 1, "markov") in by_model["markov"]


@pytest.fixture(scope="module")
def chain():
    """The module of the dbt model int_markov_shares."""
    file = PROJECT / "models" / "intermediate" / "attribution" / "int_markov_shares.py"
    spec = importlib.util.spec_from_file_location("int_markov_shares", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shares_are_cut_to_nine_digits_and_the_last_takes_the_rest(chain) -> None:
    third = Decimal("0.333333333")
    assert chain.shares([third, third, third, Decimal(0)]) == [third, third, Decimal("0.333333334"), 0]


def test_a_channel_on_no_converting_path_has_no_effect(chain) -> None:
    counts = {("(start)", "A"): 2, ("(start)", "B"): 1, ("A", "(conversion)"): 2, ("B", "(null)"): 1}
    assert chain.removal_effects(counts) == {"A": 1, "B": 0}


def test_a_channel_after_itself_changes_nothing(chain) -> None:
    # Reached: 1/2 x 1/2 + 1/2 = 3/4, without A 1/2: a third is lost.
    counts = {("(start)", "A"): 1, ("(start)", "B"): 1, ("A", "B"): 1, ("A", "(null)"): 1, ("B", "(conversion)"): 2}
    effects = {"A": Decimal("0.333333333"), "B": 1}
    assert chain.removal_effects(counts | {("A", "A"): 5}) == chain.removal_effects(counts) == effects


def test_without_a_conversion_there_is_no_chain(chain) -> None:
    assert chain.removal_effects({("(start)", "A"): 1, ("A", "(null)"): 1}) == {}
    assert chain.shares([]) == []
