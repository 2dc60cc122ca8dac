"""The Meta connector against a served simulator, and against answers that Meta would not give twice."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import ads_view
import pyarrow.compute as pc
import pytest
from ads_view import Answer, HandMade, Served

from marketing_mart.connectors import meta_ads
from marketing_mart.connectors.client import client
from marketing_mart.connectors.meta_ads import access as meta_access
from marketing_mart.connectors.meta_ads import ads as meta_creatives
from marketing_mart.connectors.meta_ads import insights
from marketing_mart.errors import ConfigError, SourceMalformed, SourceRefused, SourceUnavailable
from marketing_mart.streams import Access, SourceOptions, Window
from simulator.world import World

MARCH = Window(date(2025, 3, 1), date(2025, 3, 3))
QUARTER = Window(date(2025, 1, 1), date(2025, 3, 31))
STREAMS = {stream.name: stream for stream in meta_ads.STREAMS}
TOKEN = "demo-access-token"


@pytest.fixture(scope="module")
def hand_made():
    with ads_view.serving(HandMade()) as served:
        yield served


@pytest.fixture
def served(hand_made):
    hand_made.asked.clear()
    hand_made.instead.clear()
    return hand_made


@pytest.fixture
def naps(monkeypatch):
    """Waiting is counted, not done; the clock moves by it."""
    slept: list[float] = []
    monkeypatch.setattr(meta_access, "client", partial(client, sleep=slept.append, clock=lambda: sum(slept)))
    return slept


def read(served: Served, stream: str, window: Window = MARCH, accounts=("act_1001",), token: str = TOKEN) -> list:
    access = Access("meta_ads", f"{served.url}/meta_ads", secret=token)
    return list(meta_ads.read(STREAMS[stream], window, access, SourceOptions(accounts=tuple(accounts)), None))


def rows(pages: list) -> list[dict]:
    return [row for page in pages for row in page.table.to_pylist()]


def test_ads_land_as_the_view_has_them(served):
    pages = read(served, "ad_insights")
    assert pages[0].table.schema.equals(STREAMS["ad_insights"].schema)
    first, *_ = found = rows(pages)
    actions = first.pop("actions")
    assert first == {
        "date_day": date(2025, 3, 1), "account_id": "1001", "account_name": "Harbour UK", "currency": "GBP",
        "campaign_id": "901", "campaign_name": "Prospecting then", "objective": "OUTCOME_SALES",
        "ad_group_id": "905", "ad_group_name": "Broad", "ad_id": "9001", "ad_name": "Video A",
        "impressions": 1000, "clicks": 40, "spend": Decimal("50.10"), "_extra": None,
    }  # fmt: skip
    assert [(row["date_day"].day, row["ad_id"], row["spend"]) for row in found] == [
        (1, "9001", Decimal("50.10")),
        (1, "9002", Decimal("25.05")),
        (2, "9001", Decimal("40.40")),
    ]
    told = {(a["action_type"], a["attribution_window"]): (a["conversions"], a["value"]) for a in actions}
    assert told == {
        ("omni_purchase", "1d_click"): (2, Decimal("180")),
        ("omni_purchase", "7d_click"): (3, Decimal("270.55")),
        ("omni_purchase", "1d_view"): (1, Decimal("90")),
        ("omni_purchase", "default"): (4, Decimal("360.55")),
        ("lead", "7d_click"): (4, None),  # a lead has no value
        ("lead", "default"): (4, None),
    }
    assert [row["actions"] for row in found[1:]] == [[], []]


def test_an_account_has_what_its_ads_have(served):
    found = rows(read(served, "account_insights", accounts=["1001"]))
    assert [(row["date_day"].day, row["impressions"], row["clicks"], row["spend"]) for row in found] == [
        (1, 1500, 60, Decimal("75.15")),
        (2, 800, 30, Decimal("40.40")),
    ]


@pytest.mark.parametrize("window", [MARCH, QUARTER])
@pytest.mark.parametrize("page_rows", [1, 2, 3])
def test_pages_of_any_size_give_each_row_once(served, monkeypatch, naps, page_rows, window):
    whole = rows(read(served, "ad_insights"))
    monkeypatch.setattr(insights, "PAGE_ROWS", page_rows)
    pages = read(served, "ad_insights", window)
    assert rows(pages) == whole
    assert len(pages) == -(-3 // page_rows)


def test_thirty_days_are_read_at_once_and_more_by_a_report_run(served, naps):
    read(served, "ad_insights", Window(date(2025, 3, 1), date(2025, 3, 30)))
    assert [method for method, *_ in served.asked] == ["GET"]
    served.asked.clear()
    read(served, "ad_insights", Window(date(2025, 3, 1), date(2025, 3, 31)))
    assert [method for method, *_ in served.asked] == ["POST", "GET", "GET", "GET", "GET"]  # ask, 3 polls, rows
    assert naps == [0.2, 0.4]


def test_the_token_is_in_no_address(served, naps):
    read(served, "ad_insights", QUARTER, accounts=())
    assert all(TOKEN not in path and TOKEN.encode() not in body for _, path, _, body in served.asked)
    assert {headers["authorization"] for _, _, headers, _ in served.asked} == {f"Bearer {TOKEN}"}


def test_without_accounts_in_config_every_account_in_reach_is_read(served):
    assert rows(read(served, "account_insights", accounts=())) == rows(read(served, "account_insights"))
    assert served.paths()[0] == "/meta_ads/v26.0/me/adaccounts"


def test_a_token_that_reaches_no_account_says_so_and_a_nameless_account_is_malformed(served):
    served.instead += [Answer("adaccounts", 200, {"data": []}), Answer("adaccounts", 200, {"data": [{"id": "act_1"}]})]
    with pytest.raises(SourceRefused, match="reaches no ad account"):
        read(served, "ad_insights", accounts=())
    with pytest.raises(SourceMalformed, match="not all ad accounts have an account_id"):
        read(served, "ad_insights", accounts=())


def test_the_whole_world_is_read_to_the_penny(naps):
    view = World(7, "demo").as_of(datetime(2025, 7, 1, tzinfo=UTC))
    window = Window(date(2025, 3, 25), date(2025, 6, 30))  # more than one report run
    truth = view.ad_days("meta_ads", window.first, window.last)
    assert len(truth) > 1_000
    with ads_view.serving(type("Clock", (), {"view": lambda self: view})()) as served:
        for name in ("account_insights", "ad_insights"):
            tables = [page.table for page in read(served, name, window, accounts=())]
            assert sum(pc.sum(table["spend"]).as_py() for table in tables) == sum(row.cost for row in truth)
            assert sum(pc.sum(table["clicks"]).as_py() for table in tables) == sum(row.clicks for row in truth)
            assert sum(pc.sum(table["impressions"]).as_py() for table in tables) == sum(r.impressions for r in truth)
    told: dict = {}
    for table in tables:
        for action in pc.list_flatten(table["actions"]).to_pylist():
            key = action["action_type"], action["attribution_window"]
            count, value = told.get(key, (0, 0))
            told[key] = count + (action["conversions"] or 0), value + (action["value"] or 0)
    claimed: dict = {}
    for claim in (claim for row in truth for claim in row.claims):
        count, value = claimed.get((claim.action, claim.window), (0, 0))
        claimed[claim.action, claim.window] = count + claim.conversions, value + claim.value
    assert {key: numbers for key, numbers in told.items() if key[1] != "default"} == claimed
    assert ("omni_purchase", "7d_click") in claimed


def test_every_field_level_and_window_exists_in_the_api_version_asked_of():
    from facebook_business.adobjects.ad import Ad
    from facebook_business.adobjects.adcreative import AdCreative
    from facebook_business.adobjects.adreportrun import AdReportRun
    from facebook_business.adobjects.adsactionstats import AdsActionStats
    from facebook_business.adobjects.adsinsights import AdsInsights
    from facebook_business.apiconfig import ads_api_config

    def values(names: type) -> set:
        return {value for name, value in vars(names).items() if not name.startswith("__")}

    assert ads_api_config["API_VERSION"] == meta_ads.VERSION
    asked = {insights._FIELDS.get(n, n) for s in insights.REPORTS for n in s.schema.names if n != "_extra"}
    assert len(asked) > 10
    assert asked | {"action_values"} <= values(AdsInsights.Field)
    assert set(insights._LEVELS.values()) <= values(AdsInsights.Level)
    assert set(insights.WINDOWS) <= values(AdsInsights.ActionAttributionWindows)
    assert {*insights.WINDOWS, "value", "action_type"} <= values(AdsActionStats.Field)
    assert {"async_status", "async_percent_completion"} <= values(AdReportRun.Field)
    assert set(meta_creatives.FIELDS) | {"creative"} <= values(Ad.Field)
    assert set(meta_creatives.CREATIVE_FIELDS) <= values(AdCreative.Field)
    assert set(meta_creatives.STATUSES) == values(Ad.EffectiveStatus)


def error(code: int, message: str = "as Meta puts it", **more) -> dict:
    return {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}}


def test_a_wrong_token_is_refused_in_words_that_hold_no_secret(served):
    with pytest.raises(SourceRefused) as caught:
        read(served, "ad_insights", token="EAAB-somebodys-token")
    assert "meta_ads/ad_insights of account act_1001: code 190" in str(caught.value)
    assert "mart_meta_ads" in caught.value.next_step
    served.instead.append(Answer("insights", 401, error(190, f"Malformed access token {TOKEN}")))
    with pytest.raises(SourceRefused) as caught:
        read(served, "ad_insights")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (403, error(200, "(#200) Ad account owner has NOT grant ads_read permission"), "ads_read"),
        (400, error(100, "(#100) xyz is not valid for fields param."), "xyz is not valid"),
        (400, error(3018, "(#3018) The start date of the time range cannot be beyond 37 months"), "37 months"),
    ],
)
def test_what_another_try_would_not_cure_is_refused_in_metas_words(served, naps, status, body, says):
    served.instead.append(Answer("insights", status, body))
    with pytest.raises(SourceRefused, match=says):
        read(served, "ad_insights")
    assert naps == []


def test_an_account_out_of_reach_is_named(served):
    with pytest.raises(SourceRefused, match=r"of account act_77: code 100: .*'act_77' does not exist"):
        read(served, "ad_insights", accounts=["77"])


@pytest.mark.parametrize(
    ("status", "body", "headers", "waits"),
    [
        (400, error(17), {"Retry-After": "3"}, [0.5]),  # Meta's limits come as 400, without Retry-After
        (400, error(80000), {"X-Business-Use-Case-Usage": '{"1": [{"estimated_time_to_regain_access": 1}]}'}, [60.0]),
        (400, error(80004), {"X-Business-Use-Case-Usage": "not json"}, [0.5]),
        (500, error(2, is_transient=True), {}, [0.5]),
        (400, error(1, is_transient=True), {}, [0.5]),
        (429, error(613), {}, [0.5]),
        (429, [], {"Retry-After": "5"}, [5.0]),
        (503, b"<html>", {}, [0.5]),
    ],
)
def test_limits_and_passing_faults_are_waited_out(served, naps, status, body, headers, waits):
    served.instead.append(Answer("insights", status, body, headers))
    assert len(rows(read(served, "ad_insights"))) == 3
    assert naps == waits


def test_a_limit_of_half_an_hour_is_for_a_later_run(served, naps):
    usage = json.dumps({"1001": [{"estimated_time_to_regain_access": 30}]})
    served.instead.append(Answer("insights", 400, error(80000), {"X-Business-Use-Case-Usage": usage}))
    with pytest.raises(SourceUnavailable, match="1800 s"):
        read(served, "ad_insights")
    assert naps == []


@pytest.mark.parametrize(
    "too_much",
    [
        (500, error(1, "Please reduce the amount of data you're asking for, then retry your request")),
        (400, error(100, error_subcode=1487534)),
    ],
)
def test_too_much_data_is_asked_for_in_halves(served, naps, too_much):
    whole = rows(read(served, "ad_insights"))
    served.asked.clear()
    served.instead += [Answer("insights", *too_much)] * 2
    assert rows(read(served, "ad_insights")) == whole
    assert len(served.asked) == 5  # 1-3 too much, 1-2 too much, then 1, 2 and 3
    served.instead += [Answer("insights", *too_much)] * 3
    with pytest.raises(SourceRefused, match="code 1"):  # one day can't be halved
        read(served, "ad_insights")


def test_a_report_run_that_fails_is_asked_for_in_halves(served, naps):
    whole = rows(read(served, "ad_insights"))
    failed = {"id": "7", "async_status": "Job Failed", "async_percent_completion": 10}
    served.instead += [Answer("insights", 200, {"report_run_id": "7"}), Answer("/7", 200, failed)]
    assert rows(read(served, "ad_insights", QUARTER)) == whole
    assert sum(method == "POST" for method, *_ in served.asked) == 3


def test_a_report_run_that_never_ends_is_left(served, naps):
    waiting = Answer("/7", 200, {"id": "7", "async_status": "Job Running", "async_percent_completion": 40})
    served.instead += [Answer("insights", 200, {"report_run_id": "7"}), *[waiting] * 100]
    with pytest.raises(SourceUnavailable, match=r"report run 7 is at 40 % \(Job Running\) after 1800 s"):
        read(served, "ad_insights", QUARTER)
    assert max(naps) == 30.0


def test_a_report_run_is_read_again_where_its_rows_are_not_there_yet(served, naps):
    run = [
        Answer("act_1001/insights", 200, {"report_run_id": "7"}),
        Answer("/7", 200, {"async_status": "Job Completed"}),
    ]
    rows_later = [Answer("7/insights", 400, error(2601)), Answer("7/insights", 200, {"data": []})]
    served.instead += [*run, *rows_later]
    assert read(served, "ad_insights", QUARTER) == []
    assert naps == [0.5]


ROW = {"account_id": "1001", "account_name": "UK", "account_currency": "GBP", "impressions": "5", "clicks": "1",
       "spend": "1.10", "date_start": "2025-03-01", "date_stop": "2025-03-01"}  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"data": [{k: v for k, v in ROW.items() if k != "spend"}, ROW]}, "1 of 2 rows lack spend"),
        ({"data": [ROW | {"spend": "much"}]}, "not all values of spend can be read"),
        ({"data": [ROW | {"spend": 1.1}]}, "not all values of spend can be read"),
        ({"data": [ROW | {"date_start": "yesterday"}]}, "not all values of date_start can be read"),
        ({"data": {}}, "a page without data"),
        ({}, "a page without data"),
        ([], "a page without data"),
        ({"data": [ROW], "paging": {"next": "https://graph.facebook.com/"}}, "without the cursor of the next"),
        (b"<html>", "the answer is no JSON"),
    ],
)
def test_an_answer_that_is_not_metas_is_malformed_and_says_where(served, answer, says):
    served.instead.append(Answer("insights", 200, answer))
    with pytest.raises(SourceMalformed) as caught:
        read(served, "account_insights")
    assert says in str(caught.value)
    assert "meta_ads/account_insights of account act_1001" in str(caught.value)


def test_a_cursor_that_leads_back_to_its_own_page_ends_the_read(served):
    page = {"data": [ROW], "paging": {"cursors": {"after": "same"}, "next": "https://…"}}
    served.instead += [Answer("insights", 200, page)] * 3
    with pytest.raises(SourceMalformed, match="page 2 has the same rows as a page before"):
        read(served, "account_insights")
    served.instead[:] = [Answer("insights", 200, {**page, "data": []})] * 2
    with pytest.raises(SourceMalformed, match="the pages go in a circle"):
        read(served, "account_insights")


def test_the_number_of_ads_is_what_meta_states_of_all_accounts(served, monkeypatch):
    monkeypatch.setattr(meta_creatives, "PAGE_ADS", 1)
    assert [page.stated_rows for page in read(served, "ads", Window(None, MARCH.last), ["1001"])] == [2, 2, 2]
    served.instead += [Answer("/ads", 200, {"data": [], "summary": {"total_count": 5}})]
    stated = [page.stated_rows for page in read(served, "ads", Window(None, MARCH.last), ["1001", "1001"])]
    assert stated == [5, 7, 7, 7]  # the first account's five ads didn't come


def test_conversions_with_more_digits_than_land_are_rounded_to_six(served):
    named = dict.fromkeys(("campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name"), "1")
    stat = {"action_type": "omni_purchase", "value": "0.33333333", "7d_click": "0.33333333"}
    served.instead.append(Answer("insights", 200, {"data": [ROW | named | {"actions": [stat]}]}))
    [found] = rows(read(served, "ad_insights"))
    assert {action["conversions"] for action in found["actions"]} == {Decimal("0.333333")}


def test_a_connection_without_its_token_says_so(served):
    with pytest.raises(ConfigError, match="no access token"):
        read(served, "ad_insights", token="")
    assert served.asked == []


def test_an_account_that_is_no_number_is_an_error_of_config(served):
    with pytest.raises(ConfigError, match="'my shop'"):
        read(served, "ad_insights", accounts=["my shop"])


# Ads and where they lead ----------------------------------------------------------------------------------------------

AD = {"id": "9001", "name": "Lamp", "account_id": "1001", "campaign_id": "901", "adset_id": "905",
      "effective_status": "ACTIVE", "updated_time": "2025-03-01T09:30:00-0800"}  # fmt: skip
MAIN, OTHER = "https://shop.example/lamps", "https://shop.example/beds"


def test_ads_land_with_what_they_link_to(served):
    first, second = rows(read(served, "ads", Window(None, date(2025, 3, 3))))
    assert first == {
        "account_id": "1001", "campaign_id": "901", "ad_group_id": "905", "ad_id": "9001", "ad_name": "Video A",
        "status": "ACTIVE", "updated_at": datetime(2025, 3, 1, tzinfo=UTC), "creative_id": "90015",
        "urls": ["https://shop.example/"], "url_tags": None, "_extra": None,
    }  # fmt: skip
    assert second["urls"] == ["https://shop.example/"]  # the button of a video


@pytest.mark.parametrize(
    ("creative", "urls"),
    [
        ({"object_story_spec": {"link_data": {"link": MAIN}}}, [MAIN]),
        ({"object_story_spec": {"link_data": {"link": MAIN, "child_attachments": [{"link": MAIN}, {"link": OTHER}]}}},
         [MAIN, OTHER]),
        ({"object_story_spec": {"video_data": {"call_to_action": {"value": {"link": MAIN}}}}}, [MAIN]),
        ({"object_story_spec": {"template_data": {"link": MAIN}}}, [MAIN]),
        ({"object_story_spec": {"video_data": {}}, "link_url": MAIN}, [MAIN]),
        ({"asset_feed_spec": {"link_urls": [{"website_url": OTHER}, {"website_url": MAIN}]}}, [OTHER, MAIN]),
        ({"object_url": OTHER}, [OTHER]),
        ({"effective_object_story_id": "1_2"}, []),
        (None, []),
    ],
)  # fmt: skip
def test_a_link_is_found_wherever_the_kind_of_ad_has_it(served, creative, urls):
    ad = AD | ({} if creative is None else {"creative": creative | {"id": "7", "url_tags": "utm_source=fb"}})
    served.instead.append(Answer("/ads", 200, {"data": [ad]}))
    [found] = rows(read(served, "ads"))
    assert found["urls"] == urls
    assert found["updated_at"] == datetime(2025, 3, 1, 17, 30, tzinfo=UTC)
    assert found["url_tags"] == (None if creative is None else "utm_source=fb")


def test_ads_of_all_states_are_asked_for_and_later_only_those_that_changed(served):
    assert rows(read(served, "ads", Window(date(2025, 3, 2), date(2025, 3, 3)))) == []
    assert len(rows(read(served, "ads", Window(date(2025, 3, 1), date(2025, 3, 3))))) == 2
    query = served.asked[-1][1]
    assert "ARCHIVED" in query and "DELETED" in query and "updated_since=1740787200" in query


@pytest.mark.parametrize(
    ("ad", "says"),
    [
        ({k: v for k, v in AD.items() if k != "adset_id"}, "1 of 1 ads lack adset_id"),
        (AD | {"updated_time": "yesterday"}, "not all ads can be read"),
        (AD | {"creative": {"object_story_spec": "?"}}, "not all ads can be read"),
    ],
)
def test_an_ad_that_is_not_metas_is_malformed_and_says_where(served, ad, says):
    served.instead.append(Answer("/ads", 200, {"data": [ad]}))
    with pytest.raises(SourceMalformed) as caught:
        read(served, "ads")
    assert says in str(caught.value)
    assert "meta_ads/ads of account act_1001" in str(caught.value)
