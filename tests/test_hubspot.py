"""The HubSpot connector against the simulator, and against answers that HubSpot gives once in a while."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pyarrow as pa
import pytest
from crm_view import ANNA, BEN, HandMade, at
from loopback import Answer, serving
from starlette.applications import Starlette

from marketing_mart.connectors import hubspot, hubspot_crm
from marketing_mart.connectors.client import client
from marketing_mart.errors import ConfigError, SourceMalformed, SourceRefused, SourceUnavailable
from marketing_mart.privacy import Privacy
from marketing_mart.streams import Access, SourceOptions, Window
from simulator.vendors import hubspot as simulated

STREAMS = {stream.name: stream for stream in hubspot.STREAMS}
EVERYTHING = Window(None, date(2025, 3, 31))
PRIVACY = Privacy(b"k" * 32)


@pytest.fixture(scope="module")
def server():
    with serving(Starlette(routes=simulated.routes(HandMade()))) as served:
        yield served


@pytest.fixture
def served(server):
    server.asked.clear()
    server.instead.clear()
    return server


def pages(served, name: str, window: Window = EVERYTHING, *, token: str = simulated.TOKEN, zone="UTC", **changes):
    extra = changes.pop("extra", {})
    access = Access("hubspot", served.url, secret=token, extra=extra)
    options = SourceOptions(timezone=zone)
    return hubspot.read(STREAMS[name], window, access, options, PRIVACY, connect=partial(client, **changes))


def rows(served, name: str, window: Window = EVERYTHING, **changes) -> dict[str, dict]:
    table = pa.concat_tables(page.table for page in pages(served, name, window, **changes))
    return {row[STREAMS[name].key[0]]: row for row in table.to_pylist()}


def record(record_id: str = "7", **properties) -> dict:
    """A record as the simulator does not give it: with whatever a test needs."""
    times = {"createdAt": "2025-03-01T00:00:00Z", "updatedAt": "2025-03-02T00:00:00Z"}
    return {"id": record_id, "properties": properties, "archived": False, **times}


def found(*records: dict) -> list[Answer]:
    """The answers to a search that finds these, and to the batch read after it."""
    return [
        Answer(body={"total": len(records), "results": list(records)}, path="/search"),
        Answer(body={"status": "COMPLETE", "results": list(records)}, path="/batch/read"),
    ]


def test_a_contact_lands_with_its_stages_oldest_first(served):
    anna = rows(served, "contacts")["101"]
    assert anna["lifecycle_history"] == [
        {"stage": "subscriber", "entered_at": at(3, 1)},
        {"stage": "lead", "entered_at": at(3, 2)},
        {"stage": "marketingqualifiedlead", "entered_at": at(3, 5)},
        {"stage": "customer", "entered_at": at(3, 18)},
    ]
    assert (anna["lifecycle_stage"], anna["analytics_source"], anna["owner_id"]) == ("customer", "PAID_SEARCH", None)
    assert (anna["created_at"], anna["updated_at"], anna["is_archived"]) == (at(3, 1), at(3, 20), False)


def test_a_merged_contact_is_gone_and_the_survivor_names_it(served):
    contacts = rows(served, "contacts")
    assert set(contacts) == {"101", "103", "104", "105", "106", "1000"}
    assert contacts["101"]["merged_ids"] == ["102"] and contacts["103"]["merged_ids"] == []


def test_the_clicks_that_a_contact_came_by_land():
    clicked = replace(BEN, google_click_id="Cj0K", facebook_click_id="IwAR")
    with serving(Starlette(routes=simulated.routes(HandMade((clicked, ANNA), ())))) as served:
        contacts = rows(served, "contacts")
    told = {name: (row["google_click_id"], row["facebook_click_id"]) for name, row in contacts.items()}
    assert told == {"103": ("Cj0K", "IwAR"), "101": (None, None)}


def test_no_address_number_or_name_lands_or_is_asked_for(served):
    tables = [page.table for name in ("contacts", "deals") for page in pages(served, name)]
    landed = repr([table.to_pylist() for table in tables]).lower()
    assert rows(served, "contacts")["101"]["email_hash"] == PRIVACY.email("anna.lee@example.com")
    assert rows(served, "contacts")["101"]["phone_hash"] == PRIVACY.phone("+14155552671")
    assert rows(served, "contacts")["104"]["email_hash"] is None
    for personal in ("example.", "anna", "lee", "okafor", "4155552671"):
        assert personal not in landed
    asked = b" ".join(one.body for one in served.asked) + repr([one.query for one in served.asked]).encode()
    assert b"lifecyclestage" in asked and b"firstname" not in asked and b"lastname" not in asked


def test_a_deal_lands_with_its_contacts_its_money_and_its_end(served):
    deals = rows(served, "deals")
    won, still_open, lost = deals["201"], deals["202"], deals["203"]
    assert (won["amount"], won["currency"]) == (Decimal("1250.500000"), "USD")
    assert (won["is_won"], won["is_closed"], won["closed_at"], won["stage"]) == (True, True, at(3, 18), "closedwon")
    assert won["contact_ids"] == ["103", "101"]
    assert [entry["entered_at"] for entry in won["stage_history"]] == [at(3, 6), at(3, 18)]
    assert (lost["is_won"], lost["is_closed"], lost["contact_ids"]) == (False, True, ["101"])
    assert (still_open["is_closed"], still_open["contact_ids"], still_open["currency"]) == (False, [], "EUR")
    assert still_open["closed_at"] is None, "HubSpot's closedate of an open deal is only expected"


def test_more_than_the_search_ceiling_is_read_in_pages_of_bounded_size(monkeypatch):
    """Ten changed in the same millisecond, pages of three, and a search that ends at four."""
    monkeypatch.setattr(hubspot_crm, "SEARCH_PAGE", 3)
    many = tuple(replace(BEN, contact_id=str(n), updated_at=at(3, 10)) for n in range(95, 105))
    with serving(Starlette(routes=simulated.routes(HandMade(many, ()), ceiling=4))) as served:
        read = list(pages(served, "contacts"))
    assert [page.table.num_rows for page in read] == [3, 3, 3, 1]
    assert [page.stated_rows for page in read] == [10, 10, 10, 10]
    ids = [contact_id for page in read for contact_id in page.table["contact_id"].to_pylist()]
    assert ids == [str(n) for n in range(95, 105)]


def test_history_is_read_in_batches_that_hubspot_accepts():
    many = tuple(replace(BEN, contact_id=str(n)) for n in range(1, 262))
    with serving(Starlette(routes=simulated.routes(HandMade(many, ())))) as served:
        read = list(pages(served, "contacts"))
    assert [page.table.num_rows for page in read] == [200, 61]
    sizes = [len(one.json()["inputs"]) for one in served.asked if one.path.endswith("/batch/read")]
    assert sizes == [50, 50, 50, 50, 50, 11]
    assert read[1].table["lifecycle_history"].to_pylist()[60] == [{"stage": "lead", "entered_at": at(3, 3)}]


@pytest.mark.parametrize(
    ("first", "zone", "ids"),
    [
        (date(2025, 3, 10), "UTC", {"101", "105", "106", "1000"}),
        (date(2025, 3, 11), "UTC", {"101"}),
        (date(2025, 3, 21), "UTC", set()),
        (date(2025, 3, 11), "Etc/GMT-12", {"101", "105", "106", "1000"}),  # there the 11th begins when three changed
    ],
)
def test_a_window_reads_what_changed_since_its_first_day(served, first, zone, ids):
    assert set(rows(served, "contacts", Window(first, date(2025, 3, 31)), zone=zone)) == ids


def test_nothing_new_is_one_empty_page_that_says_so(served):
    (page,) = pages(served, "deals", Window(date(2025, 3, 30), date(2025, 3, 31)))
    assert (page.table.num_rows, page.stated_rows) == (0, 0)
    assert page.table.schema.equals(STREAMS["deals"].schema)


def test_archived_records_land_as_such_with_the_time_they_were_archived(served):
    archived = {
        **record("9", dealstage="closedlost", amount="10", deal_currency_code="USD"),
        "archived": True,
        "archivedAt": "2025-03-25T08:00:00.500Z",
        "propertiesWithHistory": {"dealstage": [{"value": "closedlost", "timestamp": "2025-03-02T00:00:00Z"}]},
        "associations": {"contacts": {"results": [{"id": "101", "type": "a"}, {"id": "101", "type": "b"}]}},
    }
    listed = Answer(body={"results": [archived]}, path="/deals")
    served.instead = [listed]
    deals = rows(served, "deals")
    assert set(deals) == {"9", "201", "202", "203"}
    assert deals["9"]["is_archived"] and deals["9"]["updated_at"] == at(3, 25, 8).replace(microsecond=500_000)
    assert deals["9"]["contact_ids"] == ["101"] and len(deals["9"]["stage_history"]) == 1
    served.instead = [listed]
    assert [page.stated_rows for page in pages(served, "deals")] == [1, 4]
    served.instead = [listed]
    assert "9" not in rows(served, "deals", Window(date(2025, 3, 26), date(2025, 3, 31)))


def test_the_list_of_archived_records_is_read_to_its_end(served):
    paging = {"next": {"after": "9"}}
    first, second = ({**record(n), "archived": True, "archivedAt": "2025-03-25T08:00:00Z"} for n in ("9", "12"))
    served.instead = [
        Answer(body={"results": [first], "paging": paging}, path="/contacts"),
        Answer(body={"results": [second]}, path="/contacts"),
    ]
    assert {"9", "12"} < set(rows(served, "contacts"))
    assert served.asked[1].query["after"] == ["9"]
    served.instead = [Answer(body={"results": [first], "paging": paging}, path="/contacts")] * 2
    with pytest.raises(SourceMalformed, match="page 2 has the same rows as a page before"):
        rows(served, "contacts")
    served.instead = [Answer(body={"results": [], "paging": paging}, path="/contacts")] * 2
    with pytest.raises(SourceMalformed, match="circle"):
        rows(served, "contacts")


def test_a_record_deleted_while_we_read_is_in_neither_count(served):
    search, batch = found(record("7"), record("8"))
    batch.body = {"results": [record("8")], "errors": [{"category": "OBJECT_NOT_FOUND", "context": {"ids": ["7"]}}]}
    batch.status = 207
    served.instead = [search, batch]
    (page,) = pages(served, "contacts")
    assert (page.table["contact_id"].to_pylist(), page.stated_rows) == (["8"], 1)


def test_a_record_that_a_batch_neither_has_nor_tells_of_is_not_taken_for_deleted(served):
    search, batch = found(record("7"), record("8"))
    batch.body = {"results": [record("8")]}
    served.instead = [search, batch]
    with pytest.raises(
        SourceMalformed, match=r"of 2 records asked for, 1 are neither there nor told to be gone, e.g. 7"
    ):
        list(pages(served, "contacts"))


def test_nulls_empty_texts_and_milliseconds_are_read(served):
    entries = [("lead", "1741089600000"), ("", "1741003200000"), ("lead", "1740916800000"), ("lead", "1740830400000")]
    history = [{"value": value, "timestamp": timestamp} for value, timestamp in entries]
    odd = record(email=None, phone="", mobilephone="+1 415 555 2671", hs_merged_object_ids="5;6", lifecyclestage="")
    odd |= {"createdAt": None, "propertiesWithHistory": {"lifecyclestage": history}}
    odd["properties"]["createdate"] = "1740830400000"
    served.instead = found(odd)
    contact = rows(served, "contacts")["7"]
    assert contact["created_at"] == at(3, 1, 12)
    assert (contact["email_hash"], contact["lifecycle_stage"]) == (None, None)
    assert contact["phone_hash"] == PRIVACY.phone("+14155552671")
    assert contact["merged_ids"] == ["5", "6"]
    assert contact["lifecycle_history"] == [{"stage": "lead", "entered_at": at(3, 1, 12)}]


def test_stages_entered_in_the_same_millisecond_keep_their_order_and_late_entries_find_theirs(served):
    entries = [("marketingqualifiedlead", "2000"), ("lead", "2000"), ("customer", "3000")]
    history = [{"value": value, "timestamp": timestamp} for value, timestamp in entries]
    served.instead = found({**record(), "propertiesWithHistory": {"lifecyclestage": history}})
    stages = [entry["stage"] for entry in rows(served, "contacts")["7"]["lifecycle_history"]]
    assert stages == ["lead", "marketingqualifiedlead", "customer"]


def test_a_deal_without_a_currency_has_the_accounts(served):
    served.instead = found(record(amount="5.5"), record("8", amount=""))
    deals = rows(served, "deals")
    assert (deals["7"]["amount"], deals["7"]["currency"]) == (Decimal("5.5"), "USD")
    assert (deals["8"]["amount"], deals["8"]["currency"]) == (None, None)
    assert [one.path for one in served.asked].count("/account-info/v3/details") == 1


def test_a_deal_of_an_account_that_names_no_currency_lands_without_one(served):
    """The mart keeps it in quarantine; it is no reason to read nothing."""
    served.instead = [*found(record(amount="5.5")), Answer(body={"portalId": 1}, path="/account-info/v3/details")]
    deal = rows(served, "deals")["7"]
    assert (deal["amount"], deal["currency"]) == (Decimal("5.5"), None)


def test_the_primary_contact_comes_first_and_all_pages_of_contacts_are_read(served):
    def linked(contact_id: int, label: str | None) -> dict:
        return {
            "toObjectId": contact_id,
            "associationTypes": [{"typeId": 3, "label": None}, {"typeId": 9, "label": label}],
        }

    gone = {"category": "OBJECT_NOT_FOUND", "context": {"fromObjectId": ["202", "203"]}}
    first = {"from": {"id": "201"}, "to": [linked(5, None), linked(6, "Billing")], "paging": {"next": {"after": "x"}}}
    served.instead = [
        Answer(body={"results": [first], "errors": [gone]}, path="/deals/contacts/batch/read"),
        Answer(body={"results": [{**first, "to": [linked(7, "Primary")], "paging": None}]}, path="contacts/batch/read"),
    ]
    assert rows(served, "deals")["201"]["contact_ids"] == ["7", "5", "6"]
    asked = [one.json()["inputs"] for one in served.asked if one.path.endswith("/deals/contacts/batch/read")]
    assert asked == [[{"id": "201"}, {"id": "202"}, {"id": "203"}], [{"id": "201", "after": "x"}]]


def test_the_date_versioned_paths_are_used_where_the_connection_says_so(served):
    assert rows(served, "deals", extra={"api_version": "2026-03"}) == rows(served, "deals")
    assert {one.path for one in served.asked if "2026-03" in one.path} == {
        "/crm/objects/2026-03/deals",
        "/crm/objects/2026-03/deals/search",
        "/crm/objects/2026-03/deals/batch/read",
        "/crm/associations/2026-03/deals/contacts/batch/read",
    }
    with pytest.raises(ConfigError, match=r"api_version is '\.\./v9'"):
        rows(served, "deals", extra={"api_version": "../v9"})


def test_a_wrong_token_is_refused_and_not_told(served):
    with pytest.raises(
        SourceRefused, match=r"hubspot/contacts: GET /crm/v3/objects/contacts: refused with status 401"
    ) as e:
        rows(served, "contacts", token="pat-wrong-token")
    assert "pat-wrong-token" not in str(e.value) and "mart_hubspot" in str(e.value)


@pytest.mark.parametrize(
    ("status", "body", "headers", "seconds"),
    [
        (429, {"policyName": "SECONDLY"}, {}, 1.0),
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {}, 10.0),
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {"Retry-After": "3"}, 3.0),
        (429, {}, {}, 0.5),
        (423, {}, {}, 2.0),
        (477, {}, {"Retry-After": "5"}, 5.0),
    ],
)
def test_hubspot_is_given_the_time_it_asks_for(served, status, body, headers, seconds):
    slept = []
    served.instead = [Answer(status, body, headers, path="/search")]
    assert len(rows(served, "deals", sleep=slept.append)) == 3
    assert slept == [seconds]


def test_a_used_up_day_is_not_waited_for(served):
    served.instead = [Answer(429, {"policyName": "DAILY", "message": "daily limit"}, path="/search")]
    with pytest.raises(SourceUnavailable, match="daily limit"):
        rows(served, "deals", sleep=lambda seconds: pytest.fail(f"slept {seconds}"))


def test_a_batch_refused_in_part_is_refused(served):
    search, batch = found(record())
    batch.body = {"results": [], "errors": [{"category": "FORBIDDEN", "message": "sensitive data"}]}
    served.instead = [search, batch]
    with pytest.raises(
        SourceRefused, match=r"contacts/batch/read: part of the batch was refused: FORBIDDEN.*sensitive data"
    ):
        rows(served, "contacts")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"<html>", "no JSON"),
        ([], "without the list `results`"),
        ({"total": 0}, "without the list `results`"),
        ({"results": []}, "no total"),
        ({"results": [], "total": 7}, "0 rows of 7"),
        ({"results": [{"properties": {}}], "total": 1}, "no id"),
        ({"results": [record("8"), record("7")], "total": 2}, "out of order"),
        ({"results": [record("7"), record("7")], "total": 2}, "out of order"),
    ],
)
def test_a_search_that_makes_no_sense_is_malformed(served, answer, told):
    served.instead = [Answer(body=answer, path="/search")]
    with pytest.raises(SourceMalformed, match=told):
        rows(served, "contacts")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"amount": "a lot"}, "amount of record 7 can't be read: 'a lot'"),
        ({"amount": "1e30", "deal_currency_code": "USD"}, "hubspot/deals: "),
        ({"hs_is_closed": "true", "closedate": "next week"}, "closedate of record 7 can't be read: 'next week'"),
    ],
)
def test_a_value_that_can_not_be_read_is_named_with_its_record(served, changes, told):
    served.instead = found(record(**changes))
    with pytest.raises(SourceMalformed, match=told):
        rows(served, "deals")


def test_a_record_that_says_not_when_it_changed_is_malformed(served):
    served.instead = found({**record(), "updatedAt": None})
    with pytest.raises(SourceMalformed, match="updatedAt of record 7"):
        rows(served, "contacts")
