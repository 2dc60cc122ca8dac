"""The simulated world: the same seed gives the same world, and time only reveals."""

import itertools
from collections import Counter
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.identity import normal_email
from simulator.nouns import AdDay, Claim, View
from simulator.searches import split
from simulator.world import BeforeTheWorld, World

ENTITIES = {
    "orders": "order_id",
    "store_orders": "order_id",
    "contacts": "contact_id",
    "deals": "deal_id",
    "customers": "customer_id",
}
GOOGLE, META = "google_ads", "meta_ads"


@cache
def world(seed: int = 7) -> World:
    return World(seed, "demo")


def view(day: str, hour: int = 0, seed: int = 7) -> View:
    """As of the start of the day (or an hour of it)."""
    return world(seed).as_of(datetime.fromisoformat(day).replace(tzinfo=UTC, hour=hour))


def shown(some: View) -> dict[str, list]:
    parts = {name: getattr(some, name)() for name in (*ENTITIES, "products", "visits", "rates")}
    days = (date(2024, 1, 1), date(2024, 12, 31))
    parts |= {"searches": some.search_days(GOOGLE, *days), "countries": some.country_days(GOOGLE, *days)}
    return parts | {platform: some.ad_days(platform, *days) for platform in (GOOGLE, META)}


def test_the_same_seed_gives_the_same_world_whatever_was_asked_before() -> None:
    asked_at_once = World(7, "demo").as_of(datetime(2024, 3, 10, tzinfo=UTC))
    view("2024-06-01").visits()  # this world has been further
    assert shown(asked_at_once) == shown(view("2024-03-10"))


def test_another_seed_gives_another_world() -> None:
    one, other = shown(view("2024-03-10")), shown(view("2024-03-10", seed=8))
    assert all(one[name] != other[name] for name in one if name != "products")


def test_every_kind_of_thing_is_there() -> None:
    assert all(shown(view("2024-09-01")).values())


@pytest.mark.parametrize("name", ENTITIES)
def test_what_was_visible_stays_but_merged_contacts_and_nothing_comes_later_than_it_happened(name: str) -> None:
    first, second = view("2024-04-01", hour=11), view("2024-06-01")
    earlier = {getattr(item, ENTITIES[name]) for item in getattr(first, name)()}
    later = {getattr(item, ENTITIES[name]): item for item in getattr(second, name)()}
    assert len(later) == len(getattr(second, name)())
    merged = {i for item in later.values() for i in item.merged_ids} if name == "contacts" else set()
    assert earlier and earlier <= set(later) | merged
    assert earlier >= {key for key, item in later.items() if item.created_at < first.moment}


def test_visits_and_rates_are_only_added_to() -> None:
    for name in ("visits", "rates"):
        earlier, later = (getattr(view(day, hour=18), name)() for day in ("2024-04-01", "2024-04-02"))
        assert later[: len(earlier)] == earlier and len(later) > len(earlier)
    assert max(visit.started_at for visit in view("2024-04-01", hour=18).visits()).hour == 17


@pytest.mark.parametrize("name", ENTITIES)
def test_what_changed_has_a_later_updated_at_which_is_never_in_the_future(name: str) -> None:
    moments = [datetime(2024, 4, 1, tzinfo=UTC) + timedelta(hours=31 * n) for n in range(40)]
    changes, before = 0, {}
    for moment in moments:
        now = {getattr(item, ENTITIES[name]): item for item in getattr(world().as_of(moment), name)()}
        for key, item in now.items():
            assert item.created_at <= item.updated_at < moment
            old = before.get(key)
            # a merge of contacts shows in a deal without touching it, as the CRM does it
            told = [f.name for f in fields(item) if f.name not in ("updated_at", "contact_ids", "customer")]
            if old is not None and any(getattr(old, n) != getattr(item, n) for n in told):
                assert item.updated_at > old.updated_at
                changes += 1
        before = now
    assert changes > 0 or name == "customers"


def test_merged_contacts_are_two_before_and_one_after() -> None:
    survivor = next(c for c in view("2024-09-01").contacts() if c.merged_ids)
    earlier = world().as_of(survivor.created_at + timedelta(seconds=1)).contacts()
    assert survivor.contact_id in {c.contact_id for c in earlier}
    moment = datetime(2024, 9, 1, tzinfo=UTC)
    while survivor.merged_ids[0] not in {c.contact_id for c in world().as_of(moment).contacts()}:
        assert moment > survivor.created_at, "the other contact was never visible"
        moment -= timedelta(days=1)
    both = {c.contact_id: c for c in world().as_of(moment).contacts()}
    assert both[survivor.contact_id].merged_ids == ()
    assert dict(survivor.stages)["lead"] <= dict(both[survivor.merged_ids[0]].stages)["lead"]


def test_a_deal_follows_the_surviving_contact_and_stays_as_it_was() -> None:
    first, last = datetime(2024, 1, 10, tzinfo=UTC), datetime(2024, 12, 1, tzinfo=UTC)
    known: dict[str, tuple] = {}
    followed = 0
    for n in range((last - first).days):
        for deal in world().as_of(first + timedelta(days=n)).deals():
            old = known.get(deal.deal_id)
            if old and old[0] != deal.contact_ids and old[1] == deal.updated_at:
                followed += 1
            known[deal.deal_id] = (deal.contact_ids, deal.updated_at)
    assert followed


def ad_totals(rows: list[AdDay]) -> tuple[int, int, Decimal]:
    return sum(r.impressions for r in rows), sum(r.clicks for r in rows), sum((r.cost for r in rows), Decimal(0))


@pytest.mark.parametrize("platform", [GOOGLE, META])
def test_clicks_and_spend_of_a_day_are_corrected_for_three_days_and_then_final(platform: str) -> None:
    day = date(2024, 3, 4)
    after = [
        ad_totals(world().as_of(datetime(2024, 3, 5, 12, tzinfo=UTC) + timedelta(days=n)).ad_days(platform, day, day))
        for n in range(6)
    ]
    impressions, clicks, spend = (list(column) for column in zip(*after, strict=True))
    assert len(set(impressions)) == 1
    assert clicks == sorted(clicks, reverse=True) and clicks[0] > clicks[3] == clicks[5]
    assert spend == sorted(spend, reverse=True) and spend[0] > spend[3] == spend[5]


@pytest.mark.parametrize("platform", [GOOGLE, META])
def test_claims_of_a_day_come_in_over_ten_days_and_then_stand(platform: str) -> None:
    first, last = date(2024, 3, 4), date(2024, 3, 8)
    counts = []
    for n in (0, 3, 6, 11, 40):
        rows = world().as_of(datetime(2024, 3, 9, 12, tzinfo=UTC) + timedelta(days=n)).ad_days(platform, first, last)
        counts.append(sum((claim.conversions for row in rows for claim in row.claims), Decimal(0)))
    assert counts == sorted(counts) and counts[0] < counts[2] < counts[3] == counts[4]


def test_a_day_of_an_account_that_is_not_over_is_there_in_part() -> None:
    day = date(2024, 3, 5)  # at 00:00 UTC of the 6th it is 16:00 of the 5th in Los Angeles
    rows = {moment: view("2024-03-06", hour=moment).ad_days(META, day, day) for moment in (0, 8)}
    part, whole = (
        ad_totals([row for row in rows[moment] if row.campaign.account.timezone == "America/Los_Angeles"])
        for moment in (0, 8)
    )
    assert 0 < part[0] < whole[0] and part[1] <= whole[1] and 0 < part[2] < whole[2]
    assert not view("2024-03-05").ad_days(META, date(2024, 3, 6), date(2024, 3, 9))


@pytest.mark.parametrize("hour", [0, 12])
def test_searches_and_countries_are_parts_of_their_day_however_much_of_it_is_over(hour: int) -> None:
    some, days = view("2025-06-10", hour), (date(2025, 6, 1), date(2025, 6, 9))
    wholes: dict[tuple, list] = {}
    for row in some.ad_days(GOOGLE, *days):
        group = row.ad_group.ad_group_id if row.ad_group else ""
        for key in ((row.date_day, row.campaign.campaign_id, group), (row.date_day, row.campaign.campaign_id)):
            wholes.setdefault(key, []).append(row)
    searched: dict[tuple, list] = {}
    for row in some.search_days(GOOGLE, *days):
        group = row.ad_group.ad_group_id if row.ad_group else ""
        searched.setdefault((row.date_day, row.campaign.campaign_id, group), []).append(row)
    assert len(searched) > 100
    for key, rows in searched.items():
        assert all(one <= other for one, other in zip(ad_totals(rows), ad_totals(wholes[key]), strict=True))
        assert all(row.clicks <= row.impressions for row in rows)
    by_campaign: dict[tuple, list] = {}
    for row in some.country_days(GOOGLE, *days):
        by_campaign.setdefault((row.date_day, row.campaign.campaign_id), []).append(row)
    assert {key: ad_totals(rows) for key, rows in by_campaign.items()} == {
        key: ad_totals(rows) for key, rows in wholes.items() if len(key) == 2
    }


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**7), st.lists(st.integers(1, 1000), min_size=1))
def test_what_is_split_adds_up_again(clicks: int, unclicked: int, cost: int, weights: list[int]) -> None:
    claims = (Claim("purchase", "", Decimal(cost).scaleb(-2), Decimal(clicks).scaleb(-2)),)
    whole = (clicks + unclicked, clicks, Decimal(cost).scaleb(-2), claims)
    parts = split(whole, weights)
    assert len(parts) == len(weights)
    assert tuple(sum(part[place] for part in parts) for place in range(3)) == whole[:3]
    counted = [claim for part in parts for claim in part[3]]
    assert sum(claim.conversions for claim in counted) == claims[0].conversions
    assert sum(claim.value for claim in counted) == claims[0].value
    assert all(part[1] <= part[0] for part in parts)


def test_people_search_for_the_brand_and_for_goods_and_rare_terms_are_not_told() -> None:
    rows = view("2025-07-01").search_days(GOOGLE, date(2025, 6, 1), date(2025, 6, 30))
    told = {row.term for row in rows if row.is_told}
    assert {True, False} == {"marketing mart" in term for term in told}
    assert {row.campaign.kind for row in rows if row.is_told and "marketing mart" in row.term} == {
        "search",
        "performance_max",
    }
    assert {row.keyword is None for row in rows if row.ad_group} == {True, False}
    assert any(not row.is_told for row in rows) and told != {row.term for row in rows}


def test_a_campaign_that_moves_to_another_account_ends_in_one_and_begins_in_the_other() -> None:
    rows = [
        row
        for row in view("2025-06-01").ad_days(GOOGLE, date(2025, 5, 1), date(2025, 5, 31))
        if row.campaign_name == "DE Video"
    ]
    days = {}
    for row in rows:
        days.setdefault((row.campaign.account.currency, row.campaign.campaign_id), set()).add(row.date_day)
    assert sorted((currency, min(found), max(found)) for (currency, _), found in days.items()) == [
        ("EUR", date(2025, 5, 1), date(2025, 5, 11)),
        ("USD", date(2025, 5, 12), date(2025, 5, 31)),
    ]
    assert len({campaign_id for _, campaign_id in days}) == 2
    assert {row.campaign.utm_campaign for row in rows} == {"de_video_brand"}


def test_performance_max_tells_nothing_below_the_campaign() -> None:
    rows = view("2024-06-10").ad_days(GOOGLE, date(2024, 6, 1), date(2024, 6, 9))
    kinds = {(row.campaign.kind, row.ad is None, row.ad_group is None) for row in rows}
    assert ("performance_max", True, True) in kinds
    assert all(nameless == (kind == "performance_max") for kind, nameless, _ in kinds)


def test_metas_windows_and_actions_contain_each_other() -> None:
    rows = view("2024-06-10").ad_days(META, date(2024, 5, 1), date(2024, 6, 9))
    claims = [{(c.action, c.window): c.conversions for c in row.claims} for row in rows if row.claims]
    assert {window for row in claims for _, window in row} == {"1d_click", "7d_click", "1d_view"}
    for row in claims:
        for action in ("omni_purchase", "purchase", "lead"):
            assert row.get((action, "1d_click"), 0) <= row.get((action, "7d_click"), 0)
        assert row.get(("purchase", "7d_click"), 0) <= row.get(("omni_purchase", "7d_click"), 0)


def test_a_renamed_campaign_keeps_its_old_name_on_old_days() -> None:
    long_world = world()
    names = {}
    for day in (date(2025, 4, 9), date(2025, 4, 10)):
        [campaign] = [
            c
            for c in long_world.as_of(datetime(2025, 4, 12, tzinfo=UTC)).campaigns(META)
            if c.campaign_id.endswith("001300001")
        ]
        rows = long_world.as_of(datetime(2025, 4, 12, tzinfo=UTC)).ad_days(META, day, day)
        names[day] = {row.campaign_name for row in rows if row.campaign.campaign_id == campaign.campaign_id}
    assert names == {date(2025, 4, 9): {"US Prospecting"}, date(2025, 4, 10): {"US Prospecting Broad"}}
    assert campaign.name == "US Prospecting Broad"


def test_the_awkward_cases_are_in_the_demo_world() -> None:
    some = view("2024-12-01")
    orders, stores, contacts, deals = some.orders(), some.store_orders(), some.contacts(), some.deals()
    by_customer = Counter(order.customer.customer_id for order in orders if order.customer)
    mailboxes = {(o.customer.customer_id, normal_email(o.email)) for o in orders if o.customer}
    owners = {(normal_email(c.email), c.customer_id) for c in some.customers()}
    cases = {
        "test order": any(o.is_test for o in orders),
        "cancelled with its refund": any(o.cancelled_at and o.refunds for o in orders),
        "partial refund": any(o.refunds and len(o.refunds[0].lines) < len(o.lines) for o in orders),
        "two refunds": any(len(o.refunds) == 2 for o in orders),
        "discount code": any(o.discount_codes for o in orders),
        "guest with an address": any(o.customer is None and o.email for o in orders),
        "guest without": any(o.customer is None and not o.email for o in orders),
        "entered late": any(o.created_at > o.processed_at for o in orders),
        "repeat purchase": max(by_customer.values()) > 2,
        "two mailboxes of one customer": len(mailboxes) > len({c for c, _ in mailboxes}),
        "two customers of one mailbox": len(owners) > len({e for e, _ in owners}),
        "tagged": any("+" in o.email for o in orders),
        "mixed case": any(o.email != o.email.lower() for o in orders),
        "store order by account": any(o.customer for o in stores),
        "store order without a name": any(not o.customer and not o.email for o in stores),
        "no address at all": any(o.email == "n/a" for o in stores),
        "credit note": any(not o.lines for o in stores),
        "contact without address": any(not c.email for c in contacts),
        "never a lead": any("lead" not in dict(c.stages) for c in contacts),
        "lead twice": any([s for s, _ in c.stages].count("lead") == 2 for c in contacts),
        "merged": any(c.merged_ids for c in contacts),
        "deal of nobody": any(not d.contact_ids for d in deals),
        "deal of two": any(len(d.contact_ids) == 2 for d in deals),
        "won": any(d.is_won for d in deals),
        "lost": any(d.closed_at and not d.is_won for d in deals),
        "open": any(not d.closed_at for d in deals),
        "two currencies": {d.currency for d in deals} == {"USD", "EUR"},
        "product without cost": any(p.unit_cost is None for p in some.products()),
    }
    assert [name for name, is_there in cases.items() if not is_there] == []


def test_invented_people_live_at_example_domains() -> None:
    some = view("2024-09-01")
    addresses = [x.email for part in (some.orders(), some.customers(), some.contacts(), some.visits()) for x in part]
    assert {a.strip().lower().rpartition("@")[2] for a in addresses if a} <= {
        "example.com",
        "example.org",
        "example.net",
    }


def test_a_visit_never_tells_both_account_and_address() -> None:
    visits = view("2024-09-01").visits()
    assert any(v.customer_id for v in visits) and any(v.email for v in visits)
    assert not [v for v in visits if v.customer_id and v.email]


def test_refunds_never_exceed_what_was_paid() -> None:
    some = view("2024-12-01")
    for order in (*some.orders(), *(o for o in some.store_orders() if o.lines)):
        paid = {line.line_id: line.unit_price * line.quantity - line.discount for line in order.lines}
        for line in (line for refund in order.refunds for line in refund.lines):
            paid[line.line_id] -= line.amount
        assert min(paid.values()) >= 0


def test_platforms_claim_more_than_there_was() -> None:
    some = view("2024-12-01")
    first, last = date(2024, 8, 1), date(2024, 11, 15)
    claimed = sum(
        c.conversions
        for platform, window in ((GOOGLE, ""), (META, "7d_click"))
        for row in some.ad_days(platform, first, last)
        for c in row.claims
        if c.action in ("purchase", "omni_purchase") and c.window == window
    )
    paid_for = [
        o for o in some.orders() if first <= o.processed_at.date() <= last and not o.is_test and not o.cancelled_at
    ]
    from_ads = [o for o in paid_for if any(v.click_id for v in o.visits)]
    assert claimed > len(from_ads)


def test_rates_come_on_weekdays_and_leave_no_week_without() -> None:
    days = sorted({rate.date_day for rate in view("2024-12-31").rates()})
    assert days[0] < date(2023, 12, 25) and all(day.weekday() < 5 for day in days)
    assert max(b - a for a, b in itertools.pairwise(days)) <= timedelta(days=5)


@pytest.mark.parametrize("moment", ["2023-12-31T00:00:00+00:00", "2024-01-01T23:59:59+00:00"])
def test_before_the_end_of_the_first_day_there_is_no_world(moment: str) -> None:
    with pytest.raises(BeforeTheWorld, match="begins on 2024-01-01"):
        world().as_of(datetime.fromisoformat(moment))


def test_more_people_come_in_a_larger_world() -> None:
    moment = datetime(2024, 1, 8, tzinfo=UTC)
    demo, small = (len(World(7, size).as_of(moment).visits()) for size in ("demo", "small"))
    assert 4 < small / demo < 6
