"""The Google Ads connector against a served simulator, and against answers that Google would not give twice."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import ads_view
import pyarrow.compute as pc
import pytest
from ads_view import Answer, HandMade, Served

from marketing_mart.connectors import google_ads
from marketing_mart.connectors.client import client
from marketing_mart.connectors.google_ads import access as google_access
from marketing_mart.connectors.google_ads.streams import field_of
from marketing_mart.errors import ConfigError, SourceMalformed, SourceRefused, SourceUnavailable
from marketing_mart.privacy import Privacy
from marketing_mart.streams import EXTRA_COLUMN, Access, SourceOptions, Window
from simulator.vendors import google_ads as simulated
from simulator.world import World

MARCH = Window(date(2025, 3, 1), date(2025, 3, 3))
STREAMS = {stream.name: stream for stream in google_ads.STREAMS}
SEARCH = "googleAds:search"


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
    """Waiting is counted, not done."""
    slept: list[float] = []
    monkeypatch.setattr(google_access, "client", partial(client, sleep=slept.append))
    return slept


def access(served: Served, **changes: str) -> Access:
    extra = {
        "developer_token": "demo-developer-token",
        "refresh_token": "demo-refresh-token",
        "token_url": f"{served.url}/google_ads/token",
        **changes,
    }
    return Access("google_ads", f"{served.url}/google_ads", "demo-client", "demo-client-secret", extra)


def read(served: Served, stream: str, window: Window = MARCH, accounts=("1234567890",), **changes: str) -> list:
    options = SourceOptions(accounts=tuple(accounts))
    return list(google_ads.read(STREAMS[stream], window, access(served, **changes), options, Privacy(b"key")))


def rows(pages: list) -> list[dict]:
    return [row for page in pages for row in page.table.to_pylist()]


def test_campaigns_land_as_the_view_has_them(served):
    pages = read(served, "campaign_performance")
    assert pages[0].table.schema.equals(STREAMS["campaign_performance"].schema)
    account = {"account_id": "1234567890", "account_name": "Harbour US", "currency": "USD",
               "timezone": "America/New_York", "_extra": None}  # fmt: skip
    search = {"campaign_id": "11", "campaign_name": "Search now", "campaign_status": "ENABLED",
              "advertising_channel_type": "SEARCH"}  # fmt: skip
    pmax = {"campaign_id": "12", "campaign_name": "PMax", "campaign_status": "PAUSED",
            "advertising_channel_type": "PERFORMANCE_MAX"}  # fmt: skip
    assert rows(pages) == [
        {
            "date_day": date(2025, 3, 1),
            **account,
            **search,
            "impressions": 150,
            "clicks": 15,
            "cost_micros": 19_000_000,
        },
        {"date_day": date(2025, 3, 1), **account, **pmax, "impressions": 900, "clicks": 30, "cost_micros": 30_010_000},
        {
            "date_day": date(2025, 3, 2),
            **account,
            **search,
            "impressions": 200,
            "clicks": 20,
            "cost_micros": 20_200_000,
        },
    ]


def test_an_account_has_what_its_campaigns_have_and_ads_lack_performance_max(served):
    accounts = rows(read(served, "account_performance"))
    assert [(row["date_day"].day, row["cost_micros"]) for row in accounts] == [(1, 49_010_000), (2, 20_200_000)]
    ads = rows(read(served, "ad_performance"))
    assert [(row["date_day"].day, row["ad_id"], row["cost_micros"]) for row in ads] == [
        (1, "111", 12_340_000),
        (1, "112", 6_660_000),
        (2, "111", 20_200_000),
    ]
    assert [row["ad_name"] for row in ads] == ["Lamp A", None, "Lamp A"]  # Google leaves an unset name out


def test_conversions_are_told_by_action(served):
    found = rows(read(served, "conversions"))
    told = [
        (row["campaign_id"], row["conversion_action_category"], row["conversions"], row["conversions_value"])
        for row in found
    ]
    assert told == [
        ("11", "PURCHASE", Decimal("1.75"), Decimal("150")),
        ("11", "SUBMIT_LEAD_FORM", Decimal("2"), Decimal("0")),
        ("12", "PURCHASE", Decimal("3"), Decimal("300")),
    ]
    assert found[0]["conversion_action"] == "customers/1234567890/conversionActions/1"


def test_keywords_land_with_their_text_and_without_what_no_keyword_matched(served):
    found = rows(read(served, "keywords"))
    assert {row["_extra"] for row in found} == {None}  # though each names its keyword_view, which nobody asked for
    told = [
        (row["date_day"].day, row["ad_group_id"], row["keyword_id"], row["keyword_text"], row["keyword_match_type"],
         row["impressions"], row["clicks"], row["cost_micros"])
        for row in found
    ]  # fmt: skip
    assert told == [
        (1, "1109", "71", "lamp", "PHRASE", 130, 14, 17_500_000),
        (2, "1109", "71", "lamp", "PHRASE", 150, 15, 15_150_000),
    ]
    claims = rows(read(served, "keyword_conversions"))
    assert [(row["keyword_id"], row["conversion_action_category"], row["conversions"]) for row in claims] == [
        ("71", "PURCHASE", Decimal("1.25")),
        ("71", "SUBMIT_LEAD_FORM", Decimal("2")),
    ]


def test_search_terms_land_by_ad_group_and_those_of_performance_max_by_campaign(served):
    told = [
        (row["date_day"].day, row["campaign_id"], row["ad_group_id"], row["search_term"], row["search_match_type"],
         row["clicks"])
        for row in rows(read(served, "search_terms"))
    ]  # fmt: skip
    assert told == [
        (1, "11", "1109", "oak lamp", "PHRASE", 9),
        (1, "11", "1109", "brass lamp", "NEAR_PHRASE", 4),
        (1, "11", "1109", "lamps shop", "BROAD", 1),
        (2, "11", "1109", "oak lamp", "PHRASE", 15),
    ]
    of_campaigns = rows(read(served, "campaign_search_terms"))
    assert [(row["campaign_id"], row["search_term"], row["clicks"]) for row in of_campaigns] == [
        ("12", "marketing mart", 12)
    ]
    claims = rows(read(served, "search_term_conversions"))
    assert [(row["search_term"], row["conversion_action_category"], row["conversions"]) for row in claims] == [
        ("oak lamp", "PURCHASE", Decimal("1.25")),
        ("brass lamp", "SUBMIT_LEAD_FORM", Decimal("2")),
    ]


def test_addresses_and_numbers_that_people_searched_for_do_not_land(served):
    def searched(term: str) -> dict:
        row = {
            "customer": {"id": "1234567890", "currencyCode": "USD", "timeZone": "UTC"},
            "campaign": {"id": "11", "name": "Search", "status": "ENABLED", "advertisingChannelType": "SEARCH"},
            "adGroup": {"id": "1109", "name": "Lamps"},
            "searchTermView": {"searchTerm": term},
            "segments": {"date": "2025-03-01", "searchTermMatchType": "BROAD"},
            "metrics": {"impressions": "5", "clicks": "1", "costMicros": "1230000"},
        }
        return row

    terms = ["lamp of Ann.Lee@example.com", "lamp of bob@example.com", "call +1 (202) 555-0173", "lamp 60w e27"]
    answer = {"results": [searched(term) for term in terms], "totalResultsCount": "4"}
    served.instead += [Answer(SEARCH, 200, answer)] * 2
    first, again = ([row["search_term"] for row in rows(read(served, "search_terms"))] for _ in range(2))
    assert first == again
    assert len(set(first)) == 4
    assert first[3] == "lamp 60w e27"
    assert [term.partition(" (")[0] for term in first[:3]] == ["lamp of", "lamp of", "call"]
    assert not any(part in " ".join(first) for part in ("@", "Ann", "ann.lee", "bob", "555", "0173"))


def test_countries_land_where_people_were(served):
    told = [
        (row["date_day"].day, row["campaign_id"], row["country_id"], row["is_targeted"], row["clicks"])
        for row in rows(read(served, "user_locations"))
    ]
    assert told == [(1, "11", "2840", True, 14), (1, "11", "2124", False, 1), (1, "12", "2840", True, 30),
                    (2, "11", "2840", True, 20)]  # fmt: skip
    found = {row["country_id"]: row["country_code"] for row in rows(read(served, "countries", accounts=()))}
    assert found["2840"] == "US" and found["2276"] == "DE"


def test_ads_land_with_their_links_whatever_day_it_is(served):
    pages = read(served, "ads", Window(None, date(2025, 3, 3)), accounts=["1234567890", "2345678901"])
    assert pages[-1].stated_rows == 2
    first, _ = rows(pages)
    assert (first["ad_id"], first["ad_status"], first["final_urls"]) == (
        "111",
        "ENABLED",
        ["https://shop.example/lamps"],
    )
    assert first["campaign_url_suffix"] is None
    assert rows(read(served, "ads")) == rows(pages)


def test_what_is_claimed_is_told_by_ad_too(served):
    told = [
        (row["ad_id"], row["conversion_action_category"], row["conversions"], row["conversions_value"])
        for row in rows(read(served, "ad_conversions"))
    ]
    assert told == [
        ("111", "PURCHASE", Decimal("1.25"), Decimal("110.1")),
        ("111", "SUBMIT_LEAD_FORM", Decimal("2"), Decimal("0")),
        ("112", "PURCHASE", Decimal("0.5"), Decimal("39.9")),
    ]


@pytest.mark.parametrize("page_rows", [1, 2, 3, 4])
def test_pages_of_any_size_give_each_row_once_and_state_the_whole_at_the_end(served, monkeypatch, page_rows):
    whole = rows(read(served, "ad_performance"))
    monkeypatch.setattr(simulated, "PAGE_ROWS", page_rows)
    pages = read(served, "ad_performance", accounts=["1234567890", "234-567-8901"])
    assert rows(pages) == whole
    assert [page.stated_rows for page in pages] == [None] * (len(pages) - 1) + [3]
    assert all(page.table.num_rows <= page_rows for page in pages)


def test_an_account_without_activity_states_zero_rows(served):
    [page] = read(served, "campaign_performance", accounts=["2345678901"])
    assert (page.table.num_rows, page.stated_rows) == (0, 0)


def test_without_accounts_in_config_every_account_in_reach_is_read(served):
    assert {row["account_id"] for row in rows(read(served, "campaign_performance", accounts=()))} == {"1234567890"}
    asked = [path for path in served.paths() if path.endswith(SEARCH)]
    found = [f"/google_ads/v26/customers/{number}/{SEARCH}" for number in ("1234567890", "2345678901")]
    assert asked == found + found  # first who is below each, then their rows
    logins = [headers.get("login-customer-id") for _, path, headers, _ in served.asked if SEARCH in path]
    assert logins == ["1234567890", "2345678901"] * 2


@pytest.mark.parametrize("answer", [[], {"resourceNames": [1]}])
def test_a_list_of_accounts_that_is_not_googles_is_malformed(served, answer):
    served.instead.append(Answer("customers:listAccessibleCustomers", 200, answer))
    with pytest.raises(SourceMalformed, match="is no list of accounts"):
        read(served, "conversions", accounts=())


def test_credentials_that_reach_no_account_say_so(served):
    served.instead.append(Answer("customers:listAccessibleCustomers", 200, {}))
    with pytest.raises(SourceRefused, match="reach no account"):
        read(served, "conversions", accounts=())


def test_the_whole_world_is_read_to_the_micro():
    view = World(7, "demo").as_of(datetime(2025, 7, 1, tzinfo=UTC))
    window = Window(date(2025, 4, 2), date(2025, 6, 30))
    truth = view.ad_days("google_ads", window.first, window.last)
    assert len(truth) > 1_000
    with ads_view.serving(type("Clock", (), {"view": lambda self: view})()) as served:
        for name in ("account_performance", "campaign_performance", "ad_performance"):
            pages = read(served, name, window, accounts=())
            inside = [row for row in truth if row.ad or name != "ad_performance"]
            tables = [page.table for page in pages]
            assert sum(pc.sum(t["cost_micros"]).as_py() for t in tables) == sum(r.cost for r in inside) * 1_000_000
            assert sum(pc.sum(t["clicks"]).as_py() for t in tables) == sum(r.clicks for r in inside)
            assert sum(pc.sum(t["impressions"]).as_py() for t in tables) == sum(r.impressions for r in inside)
            assert pages[-1].stated_rows == sum(t.num_rows for t in tables)
        claims = [claim for row in truth for claim in row.claims]
        tables = [page.table for page in read(served, "conversions", window, accounts=())]
        assert sum(pc.sum(t["conversions"]).as_py() for t in tables) == sum(c.conversions for c in claims)
        assert sum(pc.sum(t["conversions_value"]).as_py() for t in tables) == sum(c.value for c in claims)
        by_keyword = [row for row in view.search_days("google_ads", window.first, window.last) if row.keyword]
        tables = [page.table for page in read(served, "keywords", window, accounts=())]
        assert sum(pc.sum(t["cost_micros"]).as_py() for t in tables) == sum(r.cost for r in by_keyword) * 1_000_000
        tables = [page.table for page in read(served, "user_locations", window, accounts=())]
        assert sum(pc.sum(t["clicks"]).as_py() for t in tables) == sum(row.clicks for row in truth)


def test_every_field_asked_for_exists_in_the_api_version_asked_of():
    from google.ads.googleads.v26.services.types.google_ads_service import GoogleAdsRow

    assert google_ads.VERSION == "v26"
    asked = {field_of(s, name) for s in google_ads.STREAMS for name in s.schema.names if name != EXTRA_COLUMN}
    assert len(asked) > 35
    for name in asked:
        at = GoogleAdsRow.pb().DESCRIPTOR
        for part in name.split("."):
            field = at.fields_by_name[part]
            at = field.message_type
        assert at is None, f"{name} is an object, not a value"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"developer_token": "wrong-developer-token"}, "DEVELOPER_TOKEN_INVALID"),
        ({"refresh_token": "wrong-refresh-token"}, "invalid_grant"),
    ],
)
def test_wrong_credentials_are_refused_in_words_that_hold_no_secret(served, changes, says):
    with pytest.raises(SourceRefused) as caught:
        read(served, "campaign_performance", **changes)
    told = str(caught.value)
    assert says in told
    assert "google_ads/campaign_performance of account 1234567890" in told
    assert "mart_google_ads" in caught.value.next_step
    for secret in ("wrong-", "demo-client-secret", "demo-refresh-token", "demo-developer-token"):
        assert secret not in told


def test_an_account_out_of_reach_is_named(served):
    with pytest.raises(SourceRefused, match="of account 5555555555: USER_PERMISSION_DENIED"):
        read(served, "campaign_performance", accounts=["555-555-5555"])


def test_an_access_token_withdrawn_before_its_time_is_exchanged_once_more(served):
    served.instead.append(Answer(SEARCH, 401, _failure(401, "authenticationError", "OAUTH_TOKEN_EXPIRED")))
    assert len(rows(read(served, "campaign_performance"))) == 3
    assert served.paths().count("/google_ads/token") == 2


def test_a_short_quota_delay_is_waited_for(served, naps):
    served.instead.append(Answer(SEARCH, 429, _failure(429, "quotaError", "RESOURCE_EXHAUSTED", "7s")))
    served.instead.append(Answer(SEARCH, 429, {"error": {}}, {"Retry-After": "3"}))
    assert len(rows(read(served, "campaign_performance"))) == 3
    assert naps == [7.0, 3.0]


def test_a_quota_that_comes_back_tomorrow_is_not_waited_for(served, naps):
    served.instead.append(Answer(SEARCH, 429, _failure(429, "quotaError", "RESOURCE_EXHAUSTED", "40591s")))
    with pytest.raises(SourceUnavailable, match="40591 s"):
        read(served, "campaign_performance")
    assert naps == []


def test_a_server_error_is_tried_again(served, naps):
    served.instead.append(Answer(SEARCH, 503, b"upstream connect error"))
    assert len(rows(read(served, "campaign_performance"))) == 3
    assert len(naps) == 1


def test_a_page_token_that_has_run_out_is_for_a_later_run(served):
    served.instead.append(Answer(SEARCH, 400, _failure(400, "requestError", "EXPIRED_PAGE_TOKEN")))
    with pytest.raises(SourceUnavailable, match="EXPIRED_PAGE_TOKEN"):
        read(served, "campaign_performance")


def _answer(**changes) -> dict:
    row = {
        "customer": {"id": "1234567890", "currencyCode": "USD", "timeZone": "America/New_York"},
        "segments": {"date": "2025-03-01"},
        "metrics": {"impressions": "5", "clicks": "1", "costMicros": "1230000"},
    } | changes
    return {"results": [row], "totalResultsCount": "1"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (_answer(customer={"id": "1234567890", "timeZone": "UTC"}), "1 of 1 rows lack customer.currencyCode"),
        (_answer(metrics={"impressions": "5", "clicks": "1"}), "1 of 1 rows lack metrics.costMicros"),
        (_answer(metrics=None), "1 of 1 rows lack metrics.impressions"),
        (_answer(metrics={"impressions": "five", "clicks": "1", "costMicros": "1"}), "metrics.impressions: not all"),
        (_answer(segments={"date": "01/03/2025"}), "segments.date: not all values can be read"),
        (_answer(segments={"date": 20250301}), "segments.date: not all values can be read"),
        ({"results": {}}, "no object with a list of results"),
        ({"results": []}, "totalResultsCount"),
        ([], "no object with a list of results"),
        (b"<html>", "the answer is no JSON"),
    ],
)
def test_an_answer_that_is_not_googles_is_malformed_and_says_where(served, answer, says):
    served.instead.append(Answer(SEARCH, 200, answer))
    with pytest.raises(SourceMalformed) as caught:
        read(served, "account_performance")
    assert says in str(caught.value)
    assert "google_ads/account_performance of account 1234567890" in str(caught.value)


def test_a_token_that_leads_back_to_its_own_page_ends_the_read(served):
    served.instead += [Answer(SEARCH, 200, _answer() | {"nextPageToken": "same"})] * 3
    with pytest.raises(SourceMalformed, match=r"page 2 has the same rows as a page before \(1 rows\)"):
        read(served, "account_performance")
    served.instead[:] = [Answer(SEARCH, 200, {"fieldMask": "", "nextPageToken": token}) for token in ("a", "b", "a")]
    with pytest.raises(SourceMalformed, match="the cursor of page 4 was given before: the pages go in a circle"):
        read(served, "account_performance")


def test_conversions_with_more_digits_than_land_are_rounded_to_six(served):
    row = {
        "customer": {"id": "1234567890", "currencyCode": "USD", "timeZone": "UTC"},
        "campaign": {"id": "11", "name": "Search"},
        "segments": {"date": "2025-03-01", "conversionAction": "customers/1/conversionActions/2",
                     "conversionActionName": "Buy", "conversionActionCategory": "PURCHASE"},
        "metrics": {"conversions": 0.33333333333333331, "conversionsValue": 12, "allConversions": 1e-7,
                    "allConversionsValue": 12.5},
    }  # fmt: skip
    served.instead.append(Answer(SEARCH, 200, {"results": [row], "totalResultsCount": "1"}))
    [found] = rows(read(served, "conversions"))
    numbers = [found[name] for name in ("conversions", "conversions_value", "all_conversions", "all_conversions_value")]
    assert numbers == [Decimal("0.333333"), Decimal("12"), Decimal("0"), Decimal("12.5")]


def test_a_connection_without_its_secrets_says_which(served):
    lacking = Access("google_ads", served.url, "demo-client", "", {"developer_token": "x"})
    with pytest.raises(ConfigError, match="lacks client_secret, refresh_token"):
        list(google_ads.read(STREAMS["conversions"], MARCH, lacking, SourceOptions(), None))
    assert served.asked == []


def test_an_account_that_is_no_number_is_an_error_of_config(served):
    with pytest.raises(ConfigError, match="'my-account'"):
        read(served, "conversions", accounts=["my-account"])


def _failure(status: int, kind: str, name: str, delay: str = "") -> dict:
    error: dict = {"errorCode": {kind: name}, "message": "as Google puts it"}
    if delay:
        error["details"] = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "retryDelay": delay}}
    details = {"@type": "…GoogleAdsFailure", "errors": [error], "requestId": "r1"}
    return {"error": {"code": status, "message": "in short", "status": "…", "details": [details]}}
