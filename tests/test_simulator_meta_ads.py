"""The simulated Meta: its fields are Meta's, its pages join up, its report runs take their time."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from ads_view import HandMade, Served, serving
from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adassetfeedspec import AdAssetFeedSpec
from facebook_business.adobjects.adassetfeedspeclinkurl import AdAssetFeedSpecLinkURL
from facebook_business.adobjects.adcreative import AdCreative
from facebook_business.adobjects.adcreativelinkdata import AdCreativeLinkData
from facebook_business.adobjects.adcreativelinkdatacalltoactionvalue import AdCreativeLinkDataCallToActionValue
from facebook_business.adobjects.adcreativelinkdatachildattachment import AdCreativeLinkDataChildAttachment
from facebook_business.adobjects.adcreativeobjectstoryspec import AdCreativeObjectStorySpec
from facebook_business.adobjects.adcreativevideodata import AdCreativeVideoData
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.adsactionstats import AdsActionStats
from facebook_business.adobjects.adsinsights import AdsInsights

from simulator.vendors import meta_ads, meta_ads_creatives
from simulator.vendors.meta_ads_insights import FIELDS
from simulator.world import World

HEADERS = {"Authorization": f"Bearer {meta_ads.ACCESS_TOKEN}"}
INSIGHTS = "/v26.0/act_1001/insights"
MARCH = '{"since": "2025-03-01", "until": "2025-03-03"}'
ALL = {"level": "ad", "fields": ",".join(FIELDS), "time_range": MARCH, "time_increment": "1",
       "action_attribution_windows": '["1d_click", "7d_click"]'}  # fmt: skip


@pytest.fixture(scope="module")
def vendor():
    with serving(HandMade()) as served, _client(served) as client:
        yield client


def _client(served: Served) -> httpx.Client:
    return httpx.Client(base_url=f"{served.url}/meta_ads", headers=HEADERS, trust_env=False)


def values(names: type) -> set:
    return {value for name, value in vars(names).items() if not name.startswith("__")}


def error(answer) -> tuple[int, int]:
    assert answer.status_code >= 400, answer.text
    return answer.status_code, answer.json()["error"]["code"]


def test_a_row_has_only_fields_of_metas_and_all_numbers_are_text(vendor):
    rows = vendor.get(INSIGHTS, params=ALL).json()["data"]
    assert len(rows) == 3
    assert {name for row in rows for name in row} == set(FIELDS) <= values(AdsInsights.Field)
    stats = rows[0]["actions"] + rows[0]["action_values"]
    assert {name for stat in stats for name in stat} <= values(AdsActionStats.Field)
    assert rows[0]["actions"][0] == {"action_type": "omni_purchase", "value": "4", "1d_click": "2", "7d_click": "3"}
    assert rows[0]["action_values"] == [
        {"action_type": "omni_purchase", "value": "360.55", "1d_click": "180", "7d_click": "270.55"}
    ]
    assert (rows[0]["impressions"], rows[0]["spend"], rows[0]["account_id"]) == ("1000", "50.1", "1001")
    assert "actions" not in rows[1]


@pytest.mark.parametrize(
    ("level", "increment", "spends"),
    [
        ("account", "1", ["75.15", "40.4"]),
        ("campaign", "all_days", ["115.55"]),
        ("adset", "2", ["115.55"]),
        ("ad", "all_days", ["90.5", "25.05"]),
    ],
)
def test_levels_and_increments_add_up(vendor, level, increment, spends):
    params = {"level": level, "time_increment": increment, "fields": "spend", "time_range": MARCH}
    assert [row["spend"] for row in vendor.get(INSIGHTS, params=params).json()["data"]] == spends


def test_pages_join_by_cursor_and_by_next(vendor):
    whole = vendor.get(INSIGHTS, params=ALL).json()
    assert "next" not in whole["paging"]
    first = vendor.get(INSIGHTS, params=ALL | {"limit": "2"}).json()
    assert meta_ads.ACCESS_TOKEN in first["paging"]["next"]
    after = first["paging"]["cursors"]["after"]
    by_cursor = vendor.get(INSIGHTS, params=ALL | {"limit": "2", "after": after}).json()
    by_next = vendor.get(first["paging"]["next"], headers={"Authorization": ""}).json()
    assert by_cursor == by_next
    assert first["data"] + by_cursor["data"] == whole["data"]


def test_a_report_run_has_its_rows_when_it_is_done(vendor):
    run = vendor.post(INSIGHTS, json={**ALL, "time_range": json.loads(MARCH)}).json()["report_run_id"]
    assert error(vendor.get(f"/v26.0/{run}/insights")) == (400, 2601)
    states = [vendor.get(f"/v26.0/{run}").json() for _ in range(3)]
    assert [state["async_status"] for state in states] == ["Job Not Started", "Job Running", "Job Completed"]
    assert states[-1]["async_percent_completion"] == 100
    assert set(states[-1]) <= values(AdReportRun.Field)
    whole = vendor.get(INSIGHTS, params=ALL).json()["data"]
    assert vendor.get(f"/v26.0/{run}/insights").json()["data"] == whole


def test_a_report_run_may_be_asked_for_with_a_form(vendor):
    assert vendor.post(INSIGHTS, data=ALL).json()["report_run_id"].isdigit()


def test_accounts_within_reach_are_listed(vendor):
    [account] = vendor.get("/v26.0/me/adaccounts").json()["data"]
    assert account == vendor.get("/v26.0/act_1001").json()
    assert (account["id"], account["currency"], account["timezone_name"]) == ("act_1001", "GBP", "Europe/London")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"fields": "spend,colour"}, 100),
        ({"level": "keyword"}, 100),
        ({"action_attribution_windows": '["7d_view_1d_click"]'}, 100),
        ({"time_range": "March"}, 100),
        ({"time_range": '{"since": "2025-03-02", "until": "2025-03-01"}'}, 100),
        ({"time_range": '{"since": "2020-03-02", "until": "2025-03-01"}'}, 3018),
        ({"time_increment": "weekly"}, 100),
        ({"limit": "0"}, 100),
        ({"after": "??"}, 100),
        ({"date_preset": "last_7d"}, 100),
    ],
)
def test_what_meta_would_not_take_is_refused_with_its_code(vendor, params, code):
    assert error(vendor.get(INSIGHTS, params=ALL | params)) == (400, code)


def test_too_much_at_once_is_refused(vendor, monkeypatch):
    monkeypatch.setattr(meta_ads, "SYNC_ROWS", 2)
    answer = vendor.get(INSIGHTS, params=ALL)
    assert error(answer) == (500, 1)
    assert "reduce the amount of data" in answer.json()["error"]["message"]


@pytest.mark.parametrize(("token", "code"), [("", 2500), ("Bearer other", 190)])
def test_a_token_is_asked_for(vendor, token, code):
    assert error(vendor.get(INSIGHTS, headers={"Authorization": token})) == (400, code)


def test_a_token_may_come_as_a_parameter(vendor):
    params = {"access_token": meta_ads.ACCESS_TOKEN, **ALL}
    assert len(vendor.get(INSIGHTS, params=params, headers={"Authorization": ""}).json()["data"]) == 3


def test_what_is_not_there_and_what_is_past_are_refused(vendor):
    assert error(vendor.get("/v26.0/act_5/insights")) == (400, 100)
    assert error(vendor.get("/v26.0/12345")) == (400, 100)
    assert error(vendor.get("/v2.0/act_1001/insights")) == (400, 2635)


def test_usage_is_told_with_each_answer(vendor):
    usage = json.loads(vendor.get(INSIGHTS, params=ALL).headers["x-business-use-case-usage"])
    assert usage["1001"][0]["estimated_time_to_regain_access"] == 0


ADS = "/v26.0/act_1001/ads"
WHOLE_AD = f"{','.join(meta_ads_creatives.FIELDS)}{{{','.join(meta_ads_creatives.CREATIVE_FIELDS)}}}"


def ads(client: httpx.Client, account: str = "1001", **params: str) -> list[dict]:
    answer = client.get(f"/v26.0/act_{account}/ads", params={"fields": WHOLE_AD, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_every_kind_of_ad_has_its_link_where_metas_own_objects_have_it():
    view = World(7, "demo").as_of(datetime(2025, 7, 1, tzinfo=UTC))
    clock = type("Clock", (), {"view": lambda self: view})()
    with serving(clock) as served, _client(served) as client:
        found = [ad for account in ("1001", "1002") for ad in ads(client, account, limit="500")]
    creatives = [ad["creative"] for ad in found]
    assert {name for ad in found for name in ad} == set(meta_ads_creatives.FIELDS) <= values(Ad.Field)
    assert {name for creative in creatives for name in creative} <= values(AdCreative.Field)
    stories = [creative["object_story_spec"] for creative in creatives if "object_story_spec" in creative]
    feeds = [creative["asset_feed_spec"] for creative in creatives if "asset_feed_spec" in creative]
    links = [story["link_data"] for story in stories if "link_data" in story]
    videos = [story["video_data"] for story in stories if "video_data" in story]
    cards = [card for link in links for card in link.get("child_attachments", ())]
    for kind, objects in (
        (AdCreativeObjectStorySpec, stories),
        (AdAssetFeedSpec, feeds),
        (AdAssetFeedSpecLinkURL, [url for feed in feeds for url in feed["link_urls"]]),
        (AdCreativeLinkData, links),
        (AdCreativeVideoData, videos),
        (AdCreativeLinkDataCallToActionValue, [video["call_to_action"]["value"] for video in videos]),
        (AdCreativeLinkDataChildAttachment, cards),
    ):
        assert objects
        assert {name for one in objects for name in one} <= values(kind.Field)
    assert {"{{ad.id}}" in creative.get("url_tags", "") for creative in creatives} == {True, False}


def test_only_what_is_asked_for_is_told(vendor):
    assert vendor.get(ADS).json()["data"] == [{"id": "9001"}, {"id": "9002"}]
    assert ads(vendor, fields="name,creative{url_tags}")[0] == {
        "id": "9001",
        "name": "Video A",
        "creative": {"id": "90015"},
    }
    assert ads(vendor, updated_since="1740787201") == []
    assert ads(vendor, effective_status='["ARCHIVED"]') == []
    assert len(ads(vendor, limit="1")) == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"fields": "colour"}, 100),
        ({"fields": "creative{colour}"}, 100),
        ({"fields": "name{id}"}, 100),
        ({"fields": "name;id"}, 2500),
        ({"effective_status": "ACTIVE"}, 100),
        ({"effective_status": '["SLEEPING"]'}, 100),
        ({"updated_since": "yesterday"}, 100),
        ({"time_range": MARCH}, 100),
    ],
)
def test_what_meta_would_not_take_of_ads_is_refused_with_its_code(vendor, params, code):
    assert error(vendor.get(ADS, params=params)) == (400, code)
