"""The ad reports at every grain, over rows made by hand: two days of two accounts, added up by eye.

Google, USD, 06-01: account 1000 impressions, 50 clicks, 100; campaign brand 600 / 40 / 70 with its ad group g1 of two
ads (ad1 400 / 30 / 50 to /lamps, ad2 100 / 6 / 10 to /beds) and g2 of the same name (ad4 50 / 2 / 4), Performance Max
300 / 8 / 25 without ads.
Claims of brand: 5 purchases worth 500, of which ad1 3 worth 300; pmax 1 purchase worth 90; leads are not declared.
Meta, GBP, 06-02: a carousel, 40.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from landed_world import PROJECT, LandedWorld

FIRST, SECOND = date(2025, 6, 1), date(2025, 6, 2)
REPORTS = ("account", "campaign", "ad_group", "ad", "keyword", "search", "url")
GOOGLE = {"date_day": "2025-06-01", "account_id": "1", "account_name": "Google US", "currency": "USD"}
BRAND = {"campaign_id": "brand", "campaign_name": "Brand", "advertising_channel_type": "SEARCH"}
PMAX = {"campaign_id": "pmax", "campaign_name": "All", "advertising_channel_type": "PERFORMANCE_MAX"}
GROUP = {"ad_group_id": "g1", "ad_group_name": "Lamps"}
NAMESAKE = {"ad_group_id": "g2", "ad_group_name": "Lamps"}
OWN = ("source_relation", "date_day", "platform", "account_id", "account_name")
CAMPAIGN, AD_GROUP = ("campaign_id", "campaign_name"), ("ad_group_id", "ad_group_name")
NUMBERS = ("clicks", "impressions", "spend", "conversions", "conversions_value", "currency")
URL = ("base_url", "url_host", "url_path", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")


def metrics(impressions: int, clicks: int, cost: int) -> dict[str, int]:
    return {"impressions": impressions, "clicks": clicks, "cost_micros": cost * 1_000_000}


def claim(kind: str, conversions: float, value: int) -> dict[str, Any]:
    return {"conversion_action_category": kind, "conversions": conversions, "conversions_value": value}


def land_google(world: LandedWorld) -> None:
    campaign = {"campaign_id": "brand", "campaign_name": "Brand"}
    ads = {name: {"ad_id": name, "ad_name": f"The {name}"} for name in ("ad1", "ad2", "ad4")}
    actions = {"conversion_action": "1", "conversion_action_name": "Sale"}
    keyword = {"keyword_id": "7", "keyword_text": "lamp", "keyword_match_type": "PHRASE"}
    broad = {"keyword_id": "8", "keyword_text": "light", "keyword_match_type": "BROAD"}
    term = {"search_term": "oak lamp", "search_match_type": "PHRASE"}
    near = {"search_term": "oak lamp", "search_match_type": "NEAR_PHRASE"}
    rows = {
        "account_performance": [GOOGLE | metrics(1000, 50, 100)],
        "campaign_performance": [GOOGLE | BRAND | metrics(600, 40, 70), GOOGLE | PMAX | metrics(300, 8, 25)],
        "ad_performance": [
            GOOGLE | BRAND | GROUP | ads["ad1"] | metrics(400, 30, 50),
            GOOGLE | BRAND | GROUP | ads["ad2"] | metrics(100, 6, 10),
            GOOGLE | BRAND | NAMESAKE | ads["ad4"] | metrics(50, 2, 4),
        ],
        "conversions": [
            GOOGLE | campaign | actions | claim("PURCHASE", 5, 500),
            GOOGLE | campaign | actions | {"conversion_action": "2"} | claim("SUBMIT_LEAD_FORM", 9, 0),
            GOOGLE | {"campaign_id": "pmax", "campaign_name": "All"} | actions | claim("PURCHASE", 1, 90),
        ],
        "ad_conversions": [
            GOOGLE | campaign | GROUP | ads["ad1"] | claim("PURCHASE", 3, 300),
            GOOGLE | campaign | GROUP | ads["ad1"] | claim("SUBMIT_LEAD_FORM", 9, 0),
        ],
        "keywords": [
            GOOGLE | BRAND | GROUP | keyword | metrics(300, 20, 40),
            GOOGLE | BRAND | GROUP | broad | metrics(100, 8, 12),
        ],
        "keyword_conversions": [
            GOOGLE | {"campaign_id": "brand", "ad_group_id": "g1", "keyword_id": "7"} | claim("PURCHASE", 2, 200),
            GOOGLE | {"campaign_id": "brand", "ad_group_id": "g1", "keyword_id": "7"} | claim("SUBMIT_LEAD_FORM", 9, 0),
        ],
        "search_terms": [
            GOOGLE | BRAND | GROUP | term | metrics(200, 15, 30),
            GOOGLE | BRAND | GROUP | near | metrics(50, 2, 5),
        ],
        "search_term_conversions": [
            GOOGLE | {"campaign_id": "brand", "ad_group_id": "g1"} | term | claim("PURCHASE", 1, 100),
        ],
        "campaign_search_terms": [GOOGLE | PMAX | {"search_term": "marketing mart"} | metrics(120, 3, 9)],
        "user_locations": [
            GOOGLE | BRAND | {"country_id": "2840", "is_targeted": True} | metrics(590, 39, 69),
            GOOGLE | BRAND | {"country_id": "2840", "is_targeted": False} | metrics(10, 1, 1),
            GOOGLE | PMAX | {"country_id": "9999", "is_targeted": False} | metrics(300, 8, 25),
        ],
        "countries": [{"country_id": "2840", "country_code": "US", "country_name": "United States"}],
        "ads": [
            _google_ad("ad1", ["https://Shop.example/lamps?utm_source=google&utm_term=a%20b%2Bc+d"]),
            _google_ad("ad2", ["https://shop.example/beds"], ad_url_suffix="utm_source=ad"),
            _google_ad("ad3", []),
        ],
    }  # fmt: skip
    for stream, some in rows.items():
        world.land("google_ads", stream, some)


def _google_ad(ad_id: str, urls: list[str], **levels: str) -> dict[str, Any]:
    of_campaign = {"campaign_url_suffix": "utm_medium=cpc&utm_source=campaign", "account_url_suffix": "utm_medium=no"}
    template = {"account_url_template": "{lpurl}?utm_campaign={campaignid}&utm_content={creative}"}
    known = {"account_id": "1", "campaign_id": "brand", "ad_group_id": "g1", "ad_id": ad_id, "final_urls": urls}
    return known | of_campaign | template | levels


def land_meta(world: LandedWorld) -> None:
    account = {"date_day": "2025-06-02", "account_id": "1001", "account_name": "Meta UK", "currency": "GBP"}
    ad = {"campaign_id": "c9", "campaign_name": "Summer", "objective": "OUTCOME_SALES", "ad_group_id": "s9",
          "ad_group_name": "Set", "ad_id": "ad9", "ad_name": "Film"}  # fmt: skip
    numbers = {"impressions": 1000, "clicks": 20, "spend": 40}
    actions = [
        {"action_type": "omni_purchase", "attribution_window": "7d_click", "conversions": 3, "value": 120},
        {"action_type": "omni_purchase", "attribution_window": "1d_click", "conversions": 2, "value": 80},
    ]
    world.land("meta_ads", "account_insights", [account | numbers])
    world.land("meta_ads", "ad_insights", [account | ad | numbers | {"actions": actions}])
    cards = ["https://shop.example/a?utm_source=fb", "https://shop.example/b?utm_source=fb#top"]
    known = {"account_id": "1001", "campaign_id": "c9", "ad_group_id": "s9", "ad_id": "ad9", "ad_name": "Film"}
    tags = "utm_campaign={{campaign.id}}&utm_content={{ad.id}}&utm_medium={{placement}}"
    world.land("meta_ads", "ads", [known | {"urls": cards, "url_tags": tags}])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    world = LandedWorld(tmp_path_factory.mktemp("ads"))
    rate = {"from_currency": "EUR", "rate": "1.25", "date_day": "2025-05-30"}
    world.land("files", "fx_rates", [rate | {"to_currency": "USD"}, rate | {"to_currency": "GBP", "rate": "1"}])
    land_google(world)
    land_meta(world)
    world.build("--exclude-resource-type", "unit_test", kpi_start="2025-06-01", mart_date="2025-06-02")
    return world


def report(world: LandedWorld, name: str, columns: str, where: str = "true") -> list[tuple]:
    rows = world.rows(f"select {columns} from mart.ad_reporting__{name}_report where {where} order by {columns}")
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize(
    ("name", "grain"),
    [
        ("account", ()),
        ("campaign", CAMPAIGN),
        ("ad_group", CAMPAIGN + AD_GROUP),
        ("ad", (*CAMPAIGN, *AD_GROUP, "ad_id", "ad_name")),
        ("keyword", (*CAMPAIGN, *AD_GROUP, "keyword_id", "keyword_text", "keyword_match_type")),
        ("search", (*CAMPAIGN, *AD_GROUP, "keyword_id", "keyword_text", "search_query", "search_match_type")),
        ("url", CAMPAIGN + AD_GROUP + URL),
    ],
)
def test_a_report_has_the_columns_that_dashboards_know(world: LandedWorld, name: str, grain: tuple) -> None:
    columns = world.rows(f"describe select * from mart.ad_reporting__{name}_report")
    assert tuple(column["column_name"] for column in columns) == OWN + grain + NUMBERS
    types = {column["column_name"]: column["column_type"] for column in columns}
    assert [types[name] for name in NUMBERS] == ["BIGINT", "BIGINT", *["DECIMAL(38,6)"] * 3, "VARCHAR"]


def test_every_grain_sums_to_the_account(world: LandedWorld) -> None:
    sums = "sum(clicks), sum(impressions), sum(spend), sum(conversions), sum(conversions_value)"
    for name in ("account", "campaign", "ad_group", "ad"):
        assert report(world, name, sums, "currency = 'USD'") == [(50, 1000, 100, 6, 590)], name
        assert report(world, name, sums, "currency = 'GBP'") == [(20, 1000, 40, 3, 120)], name


def test_what_a_platform_does_not_allocate_has_a_row_of_its_own(world: LandedWorld) -> None:
    columns = "campaign_id, ad_group_id, ad_id, ad_name, spend, conversions, conversions_value"
    rest = "(unallocated)"
    assert report(world, "ad", columns, "platform = 'google_ads'") == [
        (rest, rest, rest, rest, 5, 0, 0),
        ("brand", rest, rest, rest, 6, 2, 200),
        ("brand", "g1", "ad1", "The ad1", 50, 3, 300),
        ("brand", "g1", "ad2", "The ad2", 10, 0, 0),
        ("brand", "g2", "ad4", "The ad4", 4, 0, 0),
        ("pmax", rest, rest, rest, 25, 1, 90),
    ]


def test_ad_groups_of_one_name_are_told_apart(world: LandedWorld) -> None:
    columns = "ad_group_id, ad_group_name, clicks, spend, conversions"
    assert report(world, "ad_group", columns, "campaign_id = 'brand'") == [
        ("(unallocated)", "(unallocated)", 2, 6, 2),
        ("g1", "Lamps", 36, 60, 3),
        ("g2", "Lamps", 2, 4, 0),
    ]


def test_keywords_have_their_declared_claims(world: LandedWorld) -> None:
    columns = "keyword_id, keyword_text, keyword_match_type, clicks, spend, conversions, conversions_value"
    assert report(world, "keyword", columns) == [
        ("7", "lamp", "phrase", 20, 40, 2, 200),
        ("8", "light", "broad", 8, 12, 0, 0),
    ]


def test_search_terms_of_performance_max_stand_with_their_campaign_and_claim_nothing_known(world: LandedWorld) -> None:
    columns = "search_query, search_match_type, campaign_id, ad_group_id, clicks, conversions"
    assert report(world, "search", columns) == [
        ("marketing mart", "performance_max", "pmax", "(unallocated)", 3, None),
        ("oak lamp", "near_phrase", "brand", "g1", 2, 0),
        ("oak lamp", "phrase", "brand", "g1", 15, 1),
    ]


def test_urls_are_told_in_parts_with_what_the_platform_appends(world: LandedWorld) -> None:
    columns = f"{', '.join(URL)}, clicks, conversions"
    # The ad's own suffix comes before its campaign's, a template's parameters last; the first of a name counts.
    assert report(world, "url", columns, "platform = 'google_ads'") == [
        ("https://Shop.example/lamps", "shop.example", "/lamps", "google", "cpc", "brand", "ad1", "a b+c d", 30, 3),
        ("https://shop.example/beds", "shop.example", "/beds", "ad", None, "brand", "ad2", None, 6, 0),
    ]
    assert report(world, "url", columns, "platform = 'meta_ads'") == [
        ("(several)", "shop.example", "(several)", "fb", "{{placement}}", "c9", "ad9", None, 20, 3)
    ]
    ads = world.rows("select ad_id, url_count from mart.dim_ad_url order by 1")
    assert [tuple(ad.values()) for ad in ads] == [("ad1", 1), ("ad2", 1), ("ad9", 2)]


def test_countries_are_named_where_the_platform_names_them(world: LandedWorld) -> None:
    rows = world.rows("select country_code, is_targeted, clicks, spend from mart.fct_ad_countries order by clicks")
    assert [tuple(row.values()) for row in rows] == [("US", False, 1, 1), (None, False, 8, 25), ("US", True, 39, 69)]


def test_facts_have_reporting_amounts_and_their_rate(world: LandedWorld) -> None:
    [row] = world.rows(
        "select spend_local, spend, conversions_value_local, conversions_value, fx_rate from mart.fct_ad_search_terms "
        "where match_type = 'phrase'"
    )
    assert tuple(row.values()) == (30, 30, 100, 100, Decimal(1))


def test_a_part_that_exceeds_its_whole_is_told(world: LandedWorld) -> None:
    query = (PROJECT / "tests" / "assert_ad_parts_stay_within.sql").read_text()
    compiled = world.folder / "target" / "compiled" / "marketing_mart" / "tests" / "assert_ad_parts_stay_within.sql"
    assert "severity='warn'" in query
    changes = (
        ("", 0),
        ("update fct_ad_keywords set clicks = 29 where keyword_id = '8'", 1),
        ("update fct_ad_search_terms set spend_local = 26 where campaign_id = 'pmax'", 1),
        ("update fct_ad_countries set impressions = 301 where campaign_id = 'pmax'", 1),
        ("update fct_ad_keywords set conversions = 3.000001 where keyword_id = '7'", 0),  # the last of six digits
        ("update fct_ad_keywords set conversions = 3.1 where keyword_id = '7'", 1),
        ("insert into dim_ad_url from dim_ad_url where ad_id = 'ad9'", 1),
    )
    for change, rows in changes:
        with duckdb.connect(str(world.path)) as connection:
            connection.execute("use mart.mart; begin")
            connection.execute(change)
            assert len(connection.execute(compiled.read_text()).fetchall()) == rows, change
            connection.execute("rollback")


@pytest.mark.parametrize(
    ("report", "change"),
    [
        ("ad", "insert into fct_ad_conversions from fct_ad_conversions where ad_id = 'ad1' and is_declared"),
        ("ad", "insert into fct_ad_days from fct_ad_days"),
        ("ad", "update dim_ad_state set ad_id = null where ad_id = 'ad2'"),
        ("ad_group", "update fct_ad_conversions set ad_group_id = null where ad_id = 'ad1'"),
        (
            "ad_group",
            """create table twice as from ad_reporting__ad_group_report union all
            from ad_reporting__ad_group_report; drop view ad_reporting__ad_group_report;
            alter table twice rename to ad_reporting__ad_group_report""",
        ),
    ],
)
def test_a_report_whose_key_is_none_is_red(world: LandedWorld, report: str, change: str) -> None:
    """Of these two a sample of days is looked at."""
    [query] = (world.folder / "target" / "compiled").rglob(f"grain_ad_reporting__{report}_r*.sql")
    with duckdb.connect(str(world.path)) as connection:
        connection.execute("use mart.mart; begin")
        assert connection.execute(query.read_text()).fetchall() == []
        connection.execute(change)
        assert connection.execute(query.read_text()).fetchall() != []
        connection.execute("rollback")
