"""The simulated Google Ads: its JSON is what Google's own definitions accept, and it refuses what Google refuses."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from ads_view import HandMade, Served, serving
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.types.customer_service import ListAccessibleCustomersResponse
from google.ads.googleads.v26.services.types.google_ads_service import (
    SearchGoogleAdsResponse,
    SearchGoogleAdsStreamResponse,
)
from google.protobuf.json_format import Parse
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.vendors import google_ads
from simulator.vendors.gaql import QueryError, parse
from simulator.vendors.google_ads_fields import _BESIDE, FIELDS, check
from simulator.world import World

HEADERS = {"Authorization": f"Bearer {google_ads.ACCESS_TOKEN}", "developer-token": google_ads.DEVELOPER_TOKEN}
CUSTOMER = "/v26/customers/1234567890/googleAds"
DAYS = "segments.date BETWEEN '2025-03-01' AND '2025-03-31'"


@pytest.fixture(scope="module")
def vendor():
    with serving(HandMade()) as served, _client(served) as client:
        yield client


def _client(served: Served) -> httpx.Client:
    return httpx.Client(base_url=f"{served.url}/google_ads", headers=HEADERS, trust_env=False)


def search(vendor: httpx.Client, query: str, **body) -> dict:
    answer = vendor.post(f"{CUSTOMER}:search", json={"query": query, **body})
    assert answer.status_code == 200, answer.text
    Parse(answer.text, SearchGoogleAdsResponse.pb()())  # unknown fields and wrong types are refused
    return answer.json()


def refusal(vendor: httpx.Client, query: str, **body) -> tuple[int, dict]:
    answer = vendor.post(f"{CUSTOMER}:search", json={"query": query, **body})
    [details] = answer.json()["error"]["details"]
    assert details.pop("@type") == "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
    Parse(json.dumps(details), GoogleAdsFailure.pb()())
    return answer.status_code, details["errors"][0]["errorCode"]


def _resources() -> dict[str, list[str]]:
    """Every field that may go with each resource, but the segments that conversions alone have."""
    found: dict[str, list[str]] = {}
    for resource, beside in _BESIDE.items():
        owners = {resource, *beside, *(() if resource in WITHOUT_METRICS else ("metrics", "segments"))}
        names = [name for name in FIELDS if name.partition(".")[0] in owners and "segments.conversion" not in name]
        has_match_type = resource in ("search_term_view", "campaign_search_term_view")
        found[resource] = [name for name in names if has_match_type or name != "segments.search_term_match_type"]
    return found


WITHOUT_METRICS = ("customer_client", "geo_target_constant")
ROWS = {
    "ad_group_ad": 3, "campaign": 3, "customer": 2, "customer_client": 1, "keyword_view": 2, "search_term_view": 4,
    "campaign_search_term_view": 5, "user_location_view": 4, "geo_target_constant": 7,
}  # fmt: skip


@pytest.mark.parametrize("resource", ROWS)
def test_every_field_of_every_resource_is_googles_json(vendor, resource):
    where = "" if resource in WITHOUT_METRICS else f" WHERE {DAYS}"
    found = search(vendor, f"SELECT {', '.join(_resources()[resource])} FROM {resource}{where}")
    assert len(found["results"]) == ROWS[resource]


def test_the_parts_of_a_day_never_exceed_it(vendor):
    def clicks(resource: str, field: str) -> dict[str, int]:
        query = f"SELECT {field}, metrics.clicks, segments.date FROM {resource} WHERE {DAYS}"
        sums: dict[str, int] = {}
        for row in search(vendor, query)["results"]:
            day = row["segments"]["date"]
            sums[day] = sums.get(day, 0) + int(row["metrics"]["clicks"])
        return sums

    of_ads, of_keywords = clicks("ad_group_ad", "ad_group.id"), clicks("keyword_view", "ad_group.id")
    assert (of_ads, of_keywords) == ({"2025-03-01": 15, "2025-03-02": 20}, {"2025-03-01": 14, "2025-03-02": 15})
    assert clicks("search_term_view", "ad_group.id") == {"2025-03-01": 14, "2025-03-02": 15}
    assert clicks("user_location_view", "campaign.id") == clicks("campaign", "campaign.id")


def test_keywords_without_activity_are_there_and_countries_are_the_same_for_all(vendor):
    found = search(vendor, "SELECT ad_group_criterion.keyword.text, metrics.clicks FROM keyword_view WHERE "
                   "segments.date = '2025-03-03'")  # fmt: skip
    assert [row["adGroupCriterion"]["keyword"]["text"] for row in found["results"]] == ["lamp"]
    query = "SELECT geo_target_constant.id FROM geo_target_constant WHERE geo_target_constant.country_code = 'DE'"
    assert [row["geoTargetConstant"]["id"] for row in search(vendor, query)["results"]] == ["2276"]


WORDS = st.sampled_from(
    [*FIELDS, *_BESIDE, "SELECT", "FROM", "WHERE", "AND", "ORDER BY", "LIMIT", "BETWEEN", "IN", "NOT", "(", ")", ",",
     "=", "!=", ">", "'2025-03-01'", "'x", '"', "11", "PARAMETERS", ";", "\\", "é", ""]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=12))
def test_any_words_are_a_query_or_refused_in_googles_words(words):
    try:
        check(parse(" ".join(["SELECT", *words])))
    except QueryError as error:
        assert error.code.isupper()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(ROWS)), st.data())
def test_any_fields_of_a_resource_are_answered_in_googles_json(vendor, resource, data):
    names = data.draw(st.lists(st.sampled_from(_resources()[resource]), min_size=1, unique=True))
    where = "" if resource in WITHOUT_METRICS else f" WHERE {DAYS}"
    search(vendor, f"SELECT {', '.join(names)} FROM {resource}{where}")


def test_the_demo_world_is_googles_json():
    view = World(7, "demo").as_of(datetime(2025, 7, 1, tzinfo=UTC))
    clock = type("Clock", (), {"view": lambda self: view})()
    fields = ", ".join(_resources()["ad_group_ad"])
    query = f"SELECT {fields} FROM ad_group_ad WHERE segments.date BETWEEN '2025-06-01' AND '2025-06-30'"
    with serving(clock) as served, _client(served) as vendor:
        found = search(vendor, query)
    assert len(found["results"]) > 100


def test_a_stream_is_one_array_of_googles_batches_with_the_same_rows(vendor):
    query = f"SELECT campaign.id, segments.date, metrics.clicks FROM campaign WHERE {DAYS}"
    answer = vendor.post(f"{CUSTOMER}:searchStream", json={"query": query})
    batches = answer.json()
    for batch in batches:
        Parse(json.dumps(batch), SearchGoogleAdsStreamResponse.pb()())
    assert [row for batch in batches for row in batch["results"]] == search(vendor, query)["results"]
    nothing = query.replace("2025-03-01", "2025-03-30")
    assert vendor.post(f"{CUSTOMER}:searchStream", json={"query": nothing}).json() == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (f"SELECT campaign.id FROM campaign WHERE {DAYS} AND metrics.clicks > 31", ["11"]),
        ("SELECT campaign.id FROM campaign WHERE campaign.status = 'PAUSED'", ["12"]),
        ("SELECT campaign.id FROM campaign WHERE campaign.status != PAUSED", ["11"]),
        ("SELECT campaign.id FROM campaign WHERE campaign.advertising_channel_type IN ('SEARCH', 'VIDEO')", ["11"]),
        ("SELECT campaign.id FROM campaign WHERE campaign.id NOT IN (11)", ["12"]),
        ("SELECT campaign.id FROM campaign ORDER BY campaign.id DESC", ["12", "11"]),
        ("SELECT campaign.id FROM campaign ORDER BY campaign.id DESC LIMIT 1", ["12"]),
        ("select campaign.id from campaign where campaign.id = 12 parameters include_drafts=true", ["12"]),
        ("SELECT campaign.id, segments.date FROM campaign WHERE segments.date = '2025-03-02'", ["11"]),
        (f"SELECT campaign.id, segments.date, metrics.clicks FROM campaign WHERE {DAYS} ORDER BY segments.date DESC",
         ["11", "11", "12"]),
        (f"SELECT campaign.id, metrics.clicks, segments.date FROM campaign WHERE {DAYS} ORDER BY metrics.clicks",
         ["11", "11", "12"]),
    ],
)  # fmt: skip
def test_the_query_language_is_obeyed(vendor, query, ids):
    assert [row["campaign"]["id"] for row in search(vendor, query)["results"]] == ids


def test_zero_metrics_are_told_unless_something_segments(vendor):
    query = "SELECT campaign.id, metrics.conversions FROM campaign WHERE segments.date = '2025-03-02'"
    assert [row["metrics"]["conversions"] for row in search(vendor, query)["results"]] == [0, 0]
    segmented = query.replace("metrics.conversions", "metrics.conversions, segments.date")
    assert "results" not in search(vendor, segmented)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.colour FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM campaigns", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT ad_group.id FROM campaign_search_term_view", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT customer.id FROM geo_target_constant", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT metrics.clicks FROM geo_target_constant", "PROHIBITED_FIELD_IN_SELECT_CLAUSE"),
        (f"SELECT segments.search_term_match_type FROM campaign WHERE {DAYS}", "PROHIBITED_FIELD_IN_SELECT_CLAUSE"),
        ("SELECT campaign.id, segments.date FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        (f"SELECT metrics.clicks, segments.conversion_action FROM campaign WHERE {DAYS}",
         "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE"),
        ("SELECT campaign.id FROM campaign WHERE segments.conversion_action = 'x'",
         "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE"),
        ("SELECT metrics.clicks FROM customer_client", "PROHIBITED_FIELD_IN_SELECT_CLAUSE"),
        ("SELECT campaign.id FROM campaign WHERE segments.date = '01.03.2025'", "INVALID_DATE_FORMAT"),
        ("SELECT campaign.id FROM campaign WHERE segments.date DURING LAST_7_DAYS", "BAD_OPERATOR"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id = eleven", "BAD_NUMBER"),
        ("SELECT ad_group_ad.ad.id FROM ad_group_ad WHERE ad_group_ad.ad.final_urls = 'x'",
         "PROHIBITED_FIELD_IN_WHERE_CLAUSE"),
        ("SELECT campaign.id FROM campaign LIMIT none", "BAD_LIMIT_VALUE"),
        ("SELECT campaign.id FROM campaign LIMIT 5 6", "UNEXPECTED_INPUT"),
        ("SELECT campaign.id FROM campaign WHERE", "UNEXPECTED_END_OF_QUERY"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id IN 11", "EXPECTED_LIST"),
        ("SELECT campaign.id WHERE campaign.id = 1", "EXPECTED_FROM"),
        ("DELETE campaign.id", "EXPECTED_SELECT"),
        ("SELECT campaign.id; FROM campaign", "BAD_SYMBOL"),
        ("", "EXPECTED_SELECT"),
    ],
)  # fmt: skip
def test_a_query_that_google_would_not_take_is_refused_in_its_words(vendor, query, code):
    assert refusal(vendor, query) == (400, {"queryError": code})


def test_pages_follow_their_token_and_no_other(vendor, monkeypatch):
    monkeypatch.setattr(google_ads, "PAGE_ROWS", 2)
    query = f"SELECT campaign.id, segments.date, metrics.clicks FROM campaign WHERE {DAYS}"
    settings = {"searchSettings": {"returnTotalResultsCount": True}}
    first = search(vendor, query, **settings)
    second = search(vendor, query, pageToken=first["nextPageToken"], **settings)
    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert "nextPageToken" not in second
    assert first["totalResultsCount"] == second["totalResultsCount"] == "3"
    other = query.replace("clicks", "impressions")
    assert refusal(vendor, other, pageToken=first["nextPageToken"])[1] == {"requestError": "EXPIRED_PAGE_TOKEN"}
    assert refusal(vendor, query, pageToken="zzz")[1] == {"requestError": "INVALID_PAGE_TOKEN"}
    assert refusal(vendor, query, pageSize=5)[1] == {"requestError": "PAGE_SIZE_NOT_SUPPORTED"}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "Bearer other"}, 401, {"authenticationError": "OAUTH_TOKEN_INVALID"}),
        ({"developer-token": "other"}, 401, {"authenticationError": "DEVELOPER_TOKEN_INVALID"}),
        ({"login-customer-id": "me"}, 400, {"headerError": "INVALID_LOGIN_CUSTOMER_ID"}),
    ],
)
def test_credentials_are_asked_for(vendor, headers, status, code):
    answer = vendor.post(f"{CUSTOMER}:search", json={"query": "SELECT customer.id FROM customer"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["details"][0]["errors"][0]["errorCode"]) == (status, code)


def test_a_refusal_of_a_stream_comes_in_an_array(vendor):
    [answer] = vendor.post(f"{CUSTOMER}:searchStream", json={"query": "SELECT"}).json()
    assert answer["error"]["status"] == "INVALID_ARGUMENT"


def test_an_account_out_of_reach_is_forbidden(vendor):
    query = {"query": "SELECT customer.id FROM customer"}
    answer = vendor.post("/v26/customers/9999999999/googleAds:search", json=query)
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


def test_accounts_within_reach_are_listed(vendor):
    answer = vendor.get("/v26/customers:listAccessibleCustomers")
    Parse(answer.text, ListAccessibleCustomersResponse.pb()())
    assert answer.json()["resourceNames"] == ["customers/1234567890", "customers/2345678901"]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({}, 200, None),
        ({"client_secret": "other"}, 401, "invalid_client"),
        ({"refresh_token": "other"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_refresh_token_becomes_an_access_token(vendor, change, status, error):
    form = {"grant_type": "refresh_token", "client_id": "demo-client", "client_secret": "demo-client-secret",
            "refresh_token": "demo-refresh-token"}  # fmt: skip
    answer = vendor.post("/token", data=form | change)
    assert (answer.status_code, answer.json().get("error")) == (status, error)


def test_a_version_that_never_was_is_not_found(vendor):
    assert vendor.get("/v1/customers:listAccessibleCustomers").status_code == 404
