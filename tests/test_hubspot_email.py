"""HubSpot's email events and names against the simulator, and against answers that HubSpot gives once in a while."""

from datetime import date
from functools import partial

import pyarrow as pa
import pytest
from loopback import Answer, serving
from mail_view import MailView, at
from starlette.applications import Starlette

from marketing_mart.connectors import hubspot, hubspot_email
from marketing_mart.connectors.client import client
from marketing_mart.errors import SourceMalformed, SourceRefused
from marketing_mart.privacy import Privacy
from marketing_mart.streams import Access, SourceOptions, Window
from simulator.vendors import hubspot as simulated

STREAMS = {stream.name: stream for stream in hubspot.STREAMS}
MARCH = Window(date(2025, 3, 1), date(2025, 3, 31))
PRIVACY = Privacy(b"k" * 32)
EVENTS, CAMPAIGNS = "/email/public/v1/events", "/email/public/v1/campaigns"


@pytest.fixture(scope="module")
def server():
    with serving(Starlette(routes=simulated.routes(MailView()))) as served:
        yield served


@pytest.fixture
def served(server):
    server.asked.clear()
    server.instead.clear()
    return server


def rows(served, name: str = "email_events", window: Window = MARCH, zone: str = "UTC", **changes) -> dict[str, dict]:
    access = Access("hubspot", served.url, secret=changes.pop("token", simulated.TOKEN))
    options = SourceOptions(timezone=zone)
    read = hubspot.read(STREAMS[name], window, access, options, PRIVACY, connect=partial(client, **changes))
    listed = pa.concat_tables([page.table for page in read]).to_pylist()
    by_key = {row[STREAMS[name].key[0]].rpartition("/")[2]: row for row in listed}
    assert len(by_key) == len(listed)
    return by_key


def asked(served, path: str) -> list[dict[str, str]]:
    return [{name: value[0] for name, value in one.query.items()} for one in served.asked if one.path.endswith(path)]


def test_an_event_lands_with_its_message_and_who_it_was_for(served):
    events = rows(served)
    assert len(events) == 14
    click, sent = events["a-6"], events["a-1"]
    assert (click["event_type"], click["campaign_id"], click["occurred_at"]) == ("CLICK", "12", at(12, 0, 1))
    assert (click["date_day"], click["utm_campaign"]) == (date(2025, 3, 12), "digest-march")
    assert (click["sent_event_id"], click["sent_at"]) == (sent["event_id"], at(11, 7))
    assert sent["sent_event_id"] == sent["event_id"], "what is sent is its own message"
    assert sent["event_id"] == "1741676400000/a-1", "HubSpot's EventId has two parts"
    assert click["email_hash"] == PRIVACY.email("anna.lee@example.com")


def test_a_change_of_status_lands_without_a_message_and_with_its_status(served):
    change = rows(served)["b-4"]
    assert (change["event_type"], change["subscription_status"]) == ("STATUSCHANGE", "UNSUBSCRIBED")
    assert (change["sent_event_id"], change["sent_at"], change["campaign_id"]) == (None, None, "12")


def test_what_a_scanner_did_and_what_did_not_hold_is_marked_and_kept(served):
    events = rows(served)
    assert [name for name, event in events.items() if event["is_filtered"]] == ["a-3"]
    assert [name for name, event in events.items() if event["is_obsolete"]] == ["b-2"]


def test_no_address_no_place_and_no_link_lands(served):
    landed = repr([rows(served), rows(served, "emails", Window(None, date(2025, 3, 31)))]).lower()
    for personal in ("anna", "example", "shop", "192.0.2", "berlin", "mozilla"):
        assert personal not in landed


@pytest.mark.parametrize(("zone", "of_the_11th"), [("UTC", 9), ("Etc/GMT-1", 7)])
def test_a_day_is_half_open_in_the_reporting_zone(served, zone, of_the_11th):
    """Anna opened in the last millisecond of the 11th and in the first of the 12th; both are the 12th further east."""
    day = Window(date(2025, 3, 11), date(2025, 3, 11))
    events = rows(served, window=day, zone=zone)
    assert ("a-4" in events, "a-5" in events) == (zone == "UTC", False)
    assert len(events) == of_the_11th + (zone != "UTC"), "all else of that day is there"
    both = rows(served, window=Window(date(2025, 3, 11), date(2025, 3, 12)), zone=zone)
    assert both["a-4"]["date_day"] == date(2025, 3, 11 if zone == "UTC" else 12)
    assert both["a-5"]["date_day"] == date(2025, 3, 12)


def test_pages_of_a_day_are_read_to_the_last(served, monkeypatch):
    monkeypatch.setattr(hubspot_email, "EVENTS_PAGE", 4)
    whole = rows(served, window=Window(date(2025, 3, 11), date(2025, 3, 12)))
    assert len(whole) == 12
    offsets = [query.get("offset") for query in asked(served, EVENTS)]
    assert [bool(offset) for offset in offsets] == [False, True, True, False]  # three pages of 9, one of 3


def test_a_day_without_mail_is_an_empty_page(served):
    day = Window(date(2025, 3, 20), date(2025, 3, 20))
    access = Access("hubspot", served.url, secret=simulated.TOKEN)
    (page,) = hubspot.read(STREAMS["email_events"], day, access, SourceOptions(), PRIVACY)
    assert page.table.num_rows == 0 and page.table.schema.equals(STREAMS["email_events"].schema)


def test_the_names_of_emails_land_with_the_time_of_their_last_activity(served):
    emails = rows(served, "emails", Window(None, date(2025, 3, 31)))
    assert {name: (row["campaign_name"], row["email_type"]) for name, row in emails.items()} == {
        "11": ("Welcome", "AUTOMATED_EMAIL"),
        "12": ("Digest March", "BATCH_EMAIL"),
    }
    assert emails["12"]["updated_at"] == at(12, 9)


def test_emails_without_activity_since_the_window_are_not_asked_for(served, monkeypatch):
    monkeypatch.setattr(hubspot_email, "CAMPAIGNS_PAGE", 1)
    assert set(rows(served, "emails", Window(date(2025, 3, 12), date(2025, 3, 31)))) == {"12"}
    assert [one.path for one in served.asked] == [CAMPAIGNS, f"{CAMPAIGNS}/12", CAMPAIGNS]
    assert set(rows(served, "emails", Window(date(2025, 3, 13), date(2025, 3, 31)))) == set()


def test_more_without_a_new_offset_is_malformed(served):
    served.instead = [Answer(body={"events": [], "hasMore": True, "offset": "x"}, path=EVENTS)] * 2
    with pytest.raises(SourceMalformed, match="hubspot/email_events: the cursor of page 3 was given before"):
        rows(served)
    served.instead = [Answer(body={"campaigns": [], "hasMore": True}, path=CAMPAIGNS)]
    with pytest.raises(SourceMalformed, match="hubspot/emails: more is told of"):
        rows(served, "emails")


def test_an_event_of_another_day_than_was_asked_for_is_malformed(served):
    served.instead = [Answer(body={"events": [{"type": "OPEN", "id": "a", "created": 5}]}, path=EVENTS)]
    with pytest.raises(SourceMalformed, match=r"1 of 1 events asked for 2025-03-\d\d are of other days"):
        rows(served)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({}, "without the list `events`"),
        ([], "without the list `events`"),
        ({"events": [7]}, "without the list `events`"),
        ({"events": [{"type": "OPEN", "created": 5}]}, "an event of type OPEN has no EventId"),
        ({"events": [{"type": "OPEN", "id": "a", "created": 5, "sentBy": {"id": "b"}}]}, "has no EventId"),
    ],
)
def test_events_that_make_no_sense_are_malformed(served, answer, told):
    served.instead = [Answer(body=answer, path=EVENTS)]
    with pytest.raises(SourceMalformed, match=told):
        rows(served)


@pytest.mark.parametrize("listed", [{"id": 5}, {"lastUpdatedTime": 5}, {"id": 5, "lastUpdatedTime": "yesterday"}])
def test_an_email_without_id_or_time_is_malformed(served, listed):
    served.instead = [Answer(body={"campaigns": [listed]}, path=CAMPAIGNS)]
    with pytest.raises(SourceMalformed, match="a campaign without id or lastUpdatedTime"):
        rows(served, "emails")


def test_an_event_without_recipient_or_email_is_kept(served):
    event = {"type": "UNBOUNCE", "id": "u", "created": 1741676400000}
    served.instead = [Answer(body={"events": [event], "hasMore": False}, path=EVENTS)]
    row = rows(served, window=Window(date(2025, 3, 11), date(2025, 3, 11)))["u"]
    assert (row["email_hash"], row["campaign_id"], row["event_type"]) == (None, None, "UNBOUNCE")


def test_hubspots_throttle_is_waited_for_and_a_wrong_token_refused(served):
    slept: list[float] = []
    served.instead = [Answer(429, {"policyName": "TEN_SECONDLY_ROLLING"}, path=EVENTS)]
    assert len(rows(served, sleep=slept.append)) == 14 and slept == [10.0]
    with pytest.raises(SourceRefused, match="hubspot/emails: GET /email/public/v1/campaigns: refused with status 401"):
        rows(served, "emails", token="pat-wrong-token")
