"""The simulated mail: how HubSpot tells events, and that the world's letters make sense and only grow."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
import requests
from loopback import serving
from mail_view import MailView, at
from starlette.applications import Starlette

from simulator.nouns import EmailEvent, View
from simulator.vendors import hubspot
from simulator.world import World

EVENTS, CAMPAIGNS = "/email/public/v1/events", "/email/public/v1/campaigns"
START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def url():
    with serving(Starlette(routes=hubspot.routes(MailView()))) as served:
        yield served.url


def ask(url: str, path: str, token: str = hubspot.TOKEN, **params: object) -> requests.Response:
    return requests.get(url + path, params=params, headers={"Authorization": f"Bearer {token}"}, timeout=5)


def ids(url: str, **params: object) -> list[str]:
    answer = ask(url, EVENTS, **{"limit": 1000, **params})
    assert answer.status_code == 200, answer.text
    return [event["id"] for event in answer.json()["events"]]


def test_events_come_newest_first_a_page_at_a_time(url):
    first = ask(url, EVENTS, limit=10).json()
    rest = ask(url, EVENTS, limit=10, offset=first["offset"]).json()
    assert [event["id"] for event in first["events"]][:3] == ["b-4", "a-6", "a-5"]
    assert (len(first["events"]), first["hasMore"], len(rest["events"]), rest["hasMore"]) == (10, True, 4, False)
    assert len(ask(url, EVENTS).json()["events"]) == 10  # "If omitted, the default value of 10 is used."


def test_an_event_has_the_fields_of_its_kind(url):
    events = {event["id"]: event for event in ask(url, EVENTS, limit=1000).json()["events"]}
    assert events["a-6"]["sentBy"] == {"id": "a-1", "created": 1741676400000}
    assert events["a-6"]["url"].endswith("to=anna@example.com") and "sentBy" not in events["a-1"]
    assert events["a-3"]["filteredEvent"] is True and events["a-4"]["filteredEvent"] is False
    assert events["b-2"]["obsoletedBy"]["id"] == "b-3"
    assert events["b-4"]["portalSubscriptionStatus"] == "UNSUBSCRIBED" and "sentBy" not in events["b-4"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"startTimestamp": int(at(12, 0).timestamp() * 1000)}, ["b-4", "a-6", "a-5"]),
        ({"endTimestamp": int(at(4, 9).timestamp() * 1000)}, ["h-1"]),
        ({"eventType": "OPEN"}, ["a-5", "a-4", "a-3"]),
        ({"eventType": "OPEN", "excludeFilteredEvents": "true"}, ["a-5", "a-4"]),
        ({"campaignId": 11}, ["h-2", "h-1"]),
        ({"recipient": "cleo@example.com"}, ["c-2", "c-1"]),
    ],
)
def test_events_are_found_by_time_inclusive_by_type_and_by_whom(url, asked, found):
    assert ids(url, **asked) == found


@pytest.mark.parametrize(
    "asked", [{"limit": 1001}, {"limit": 0}, {"eventType": "open"}, {"offset": "?"}, {"startTimestamp": "now"}]
)
def test_what_hubspot_would_refuse_is_refused(url, asked):
    assert ask(url, EVENTS, **asked).status_code == 400


def test_emails_are_listed_by_recent_activity_and_told_by_id(url):
    listed = ask(url, CAMPAIGNS, limit=1).json()
    assert [one["id"] for one in listed["campaigns"]] == [12]
    assert listed["campaigns"][0]["lastUpdatedTime"] == int(at(12, 9).timestamp() * 1000)
    assert [one["id"] for one in ask(url, CAMPAIGNS, offset=listed["offset"]).json()["campaigns"]] == [11]
    told = ask(url, f"{CAMPAIGNS}/12").json()
    assert (told["name"], told["counters"]) == ("Digest March", {"sent": 3, "delivered": 2, "open": 3})
    assert ask(url, f"{CAMPAIGNS}/13").status_code == 404
    assert ask(url, CAMPAIGNS, token="pat-wrong").status_code == 401


@cache
def world() -> World:
    return World(7, "demo")


def view(day: str) -> View:
    return world().as_of(datetime.fromisoformat(day).replace(tzinfo=UTC))


def events(day: str) -> dict[str, EmailEvent]:
    shown = view(day).email_events(START, datetime(2026, 1, 1, tzinfo=UTC))
    assert len({event.event_id for event in shown}) == len(shown) > 1000
    return {event.event_id: event for event in shown}


def test_a_later_moment_reveals_more_and_changes_nothing_but_what_a_later_event_makes_void():
    first, second = events("2024-05-03"), events("2024-09-01")
    changed = {name for name, event in first.items() if second[name] != event}
    assert all(second[name].obsoleted_by[1] >= datetime(2024, 5, 3, tzinfo=UTC) for name in changed)
    assert max(event.occurred_at for event in first.values()) < datetime(2024, 5, 3, tzinfo=UTC)
    assert World(7, "demo").as_of(datetime(2024, 2, 1, tzinfo=UTC)).email_events(START, START + timedelta(99)) == [
        event for event in view("2024-02-01").email_events(START, START + timedelta(99))
    ]


def test_a_message_is_sent_before_all_else_and_delivered_before_it_is_opened():
    told = events("2024-09-01")
    delivered = {event.sent_id for event in told.values() if event.kind == "DELIVERED"}
    for event in told.values():
        assert told[event.sent_id].kind == "SENT" and event.occurred_at >= event.sent_at
        assert event.kind not in ("OPEN", "CLICK") or event.sent_id in delivered


def test_nobody_is_written_to_after_the_last_letter_and_only_while_a_contact():
    told = events("2024-09-01").values()
    ends = {
        event.recipient: event.occurred_at
        for event in told
        if event.kind in ("STATUSCHANGE", "SPAMREPORT") or (event.kind == "BOUNCE" and not event.obsoleted_by)
    }
    assert len(ends) > 10
    assert not [
        event for event in told if event.kind == "SENT" and event.sent_at > ends.get(event.recipient, event.sent_at)
    ]
    welcomed = Counter(event.recipient for event in told if event.kind == "SENT" and event.email_id == "300000001")
    contacts = {contact.email.strip().lower() for contact in view("2024-09-01").contacts() if contact.email}
    assert len(contacts - set(welcomed)) < 5, "those of the last hour"
