"""The simulated HubSpot: its wire format read by the vendor's own SDK, its limits, its refusals."""

import pytest
import requests
from crm_view import DEALS, SAME_TIME, HandMade, at
from hubspot import HubSpot
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest as AssociationsAsked
from hubspot.crm.contacts import ApiException, PublicObjectSearchRequest
from hubspot.crm.contacts import BatchReadInputSimplePublicObjectId as ContactsAsked
from hubspot.crm.deals import BatchReadInputSimplePublicObjectId as DealsAsked
from loopback import serving
from starlette.applications import Starlette

from simulator.vendors import hubspot

CONTACTS = "/crm/v3/objects/contacts"
# required fields of a record in HubSpot's OpenAPI of contacts, version v3: SimplePublicObject
REQUIRED = {"archived", "createdAt", "id", "properties", "updatedAt"}


@pytest.fixture(scope="module")
def url():
    with serving(Starlette(routes=hubspot.routes(HandMade()))) as served:
        yield served.url


@pytest.fixture(scope="module")
def sdk(url):
    return HubSpot(access_token=hubspot.TOKEN, host=url)


@pytest.fixture
def ask(url):
    def ask(method: str, path: str, token: str = hubspot.TOKEN, **kwargs) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, url + path, headers=headers, timeout=5, **kwargs)

    return ask


def searched(ask, filters=(), **changes) -> list[str]:
    groups = [{"filters": [dict(zip(("propertyName", "operator", "value"), one, strict=False)) for one in filters]}]
    answer = ask("POST", f"{CONTACTS}/search", json={"filterGroups": groups, "limit": 200, **changes})
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()["results"]]


def test_the_vendors_sdk_reads_a_search(sdk):
    request = PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "hs_object_id", "operator": "GT", "value": "103"}]}],
        sorts=[{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
        properties=["lifecyclestage", "no_such_property"],
        limit=2,
    )
    found = sdk.crm.contacts.search_api.do_search(request)
    assert found.total == 4
    assert [record.id for record in found.results] == ["1000", "106"]
    assert found.paging.next.after == "2"
    record = found.results[0]
    assert record.properties["lifecyclestage"] == "lead" and "no_such_property" not in record.properties
    assert record.updated_at == at(3, 10) and record.archived is False
    assert record.properties["lastmodifieddate"] == "2025-03-10T12:00:00.000Z"


def test_the_vendors_sdk_reads_the_history_of_a_stage_newest_first(sdk):
    asked = ContactsAsked(inputs=[{"id": "101"}], properties=["email"], properties_with_history=["lifecyclestage"])
    (anna,) = sdk.crm.contacts.batch_api.read(asked).results
    history = anna.properties_with_history["lifecyclestage"]
    stages = ["customer", "marketingqualifiedlead", "lead", "subscriber"]
    assert [entry.value for entry in history] == stages
    assert history[2].timestamp == at(3, 2) and history[0].source_type
    assert anna.properties["email"] == "anna.lee+news@example.com"


def test_the_vendors_sdk_reads_deals_and_their_contacts(sdk):
    asked = DealsAsked(
        inputs=[{"id": "201"}, {"id": "202"}],
        properties=["amount", "hs_is_closed_won", "hs_is_closed", "closedate", "deal_currency_code"],
        properties_with_history=["dealstage"],
    )
    won, still_open = sdk.crm.deals.batch_api.read(asked).results
    assert won.properties["amount"] == "1250.50" and won.properties["deal_currency_code"] == "USD"
    assert (won.properties["hs_is_closed_won"], won.properties["hs_is_closed"]) == ("true", "true")
    assert won.properties["closedate"] == "2025-03-18T12:00:00.000Z"
    assert still_open.properties["hs_is_closed"] == "false"
    assert still_open.properties["closedate"] > "2025-03-31", "an open deal is expected to close some day"
    linked = sdk.crm.associations.v4.batch_api.get_page("deals", "contacts", AssociationsAsked([{"id": "201"}]))
    (result,) = linked.results
    assert [to.to_object_id for to in result.to] == ["103", "101"]
    assert (result._from.id, result.to[0].association_types[0].type_id) == ("201", 3)


def test_the_vendors_sdk_pages_through_the_list(sdk):
    records = sdk.crm.contacts.get_all(properties=["email"], properties_with_history=["lifecyclestage"])
    assert [record.id for record in records] == ["101", "103", "104", "105", "106", "1000"]
    first = sdk.crm.contacts.basic_api.get_page(limit=4)
    assert first.paging.next.after == "105"
    last = sdk.crm.contacts.basic_api.get_page(limit=4, after=first.paging.next.after)
    assert [record.id for record in last.results] == ["106", "1000"] and last.paging is None
    deals = sdk.crm.deals.basic_api.get_page(limit=10, associations=["contacts"])
    assert [one.id for one in deals.results[0].associations["contacts"].results] == ["103", "101"]
    assert sdk.crm.contacts.basic_api.get_page(archived=True).results == []


def test_the_vendors_sdk_raises_on_a_wrong_token(url):
    with pytest.raises(ApiException) as caught:
        HubSpot(access_token="pat-wrong", host=url).crm.contacts.basic_api.get_page()
    assert caught.value.status == 401 and "INVALID_AUTHENTICATION" in caught.value.body


def test_a_record_has_what_the_specification_requires_and_null_for_what_is_unknown(ask):
    answer = ask("POST", f"{CONTACTS}/batch/read", json={"inputs": [{"id": "104"}], "properties": ["email"]})
    (record,) = answer.json()["results"]
    assert set(record) == REQUIRED
    assert record["properties"]["email"] is None
    assert set(record["properties"]) == {"hs_object_id", "createdate", "lastmodifieddate", "email"}


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ([("lastmodifieddate", "GTE", str(int(at(3, 10).timestamp() * 1000)))], ["101", "105", "106", "1000"]),
        ([("lastmodifieddate", "GT", "2025-03-10T12:00:00Z")], ["101"]),
        ([("lastmodifieddate", "LT", "2025-03-04T00:00:00Z")], ["103"]),
        ([("hs_object_id", "GT", "106")], ["1000"]),
        (
            [("hs_object_id", "GT", "103"), ("lifecyclestage", "EQ", "lead"), ("hs_object_id", "LTE", "105")],
            ["104", "105"],
        ),
        ([("email", "NOT_HAS_PROPERTY")], ["104"]),
        ([("lifecyclestage", "NEQ", "lead")], ["101"]),
    ],
)
def test_filters_hold_by_number_by_time_and_by_text(ask, filters, ids):
    assert searched(ask, filters) == ids


def test_filter_groups_are_alternatives(ask):
    groups = [
        {"filters": [{"propertyName": "email", "operator": "IN", "values": ["ben@example.org", "nobody@example.org"]}]},
        {"filters": [{"propertyName": "hs_object_id", "operator": "BETWEEN", "value": "106", "highValue": "2000"}]},
    ]
    assert searched(ask, filterGroups=groups) == ["103", "106", "1000"]


def test_sorting_by_time_keeps_equal_ones_in_order(ask):
    assert searched(ask, sorts=["lastmodifieddate"]) == ["103", "104", "105", "106", "1000", "101"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"limit": 201}, "between 1 and 200"),
        ({"limit": "many"}, "whole number"),
        ({"after": "4"}, "beyond 4"),
        ({"sorts": ["email", "createdate"]}, "Only one sort"),
        ({"filterGroups": [{"filters": []}] * 6}, "At most 5"),
        ({"filterGroups": [{"filters": [{"propertyName": "x", "operator": "EQ", "value": "1"}]}]}, "x does not exist"),
        ({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKE", "value": "1"}]}]}, "LIKE"),
        ({"filterGroups": [{"filters": [{"propertyName": "amount"}]}]}, "amount"),
    ],
)
def test_a_search_that_hubspot_would_refuse_is_refused(body, told):
    with serving(Starlette(routes=hubspot.routes(HandMade(), ceiling=4))) as served:
        headers = {"Authorization": f"Bearer {hubspot.TOKEN}"}
        answer = requests.post(f"{served.url}{CONTACTS}/search", json=body, headers=headers, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR" and told in answer.json()["message"]


def test_a_search_ends_at_its_ceiling_though_it_knows_of_more():
    with serving(Starlette(routes=hubspot.routes(HandMade(), ceiling=4))) as served:
        headers = {"Authorization": f"Bearer {hubspot.TOKEN}"}
        first = requests.post(f"{served.url}{CONTACTS}/search", json={"limit": 4}, headers=headers, timeout=5).json()
        whole = requests.post(f"{served.url}{CONTACTS}/search", json={"limit": 200}, headers=headers, timeout=5).json()
    assert (first["total"], len(first["results"]), first["paging"]["next"]["after"]) == (6, 4, "4")
    assert (whole["total"], len(whole["results"])) == (6, 4)


@pytest.mark.parametrize(("history", "most"), [(["lifecyclestage"], 50), ([], 100)])
def test_a_batch_larger_than_allowed_is_refused(ask, history, most):
    def status(size: int) -> int:
        inputs = [{"id": "101"}] * size
        body = {"inputs": inputs, "properties": [], "propertiesWithHistory": history}
        return ask("POST", f"{CONTACTS}/batch/read", json=body).status_code

    assert (status(most), status(most + 1)) == (200, 400)


def test_a_merged_id_finds_who_it_was_merged_into_and_an_unknown_one_is_told(ask):
    body = {"inputs": [{"id": "102"}, {"id": "999"}], "properties": ["hs_merged_object_ids"]}
    answer = ask("POST", f"{CONTACTS}/batch/read", json=body)
    assert answer.status_code == 207
    (anna,), (error,) = answer.json()["results"], answer.json()["errors"]
    assert (anna["id"], anna["properties"]["hs_merged_object_ids"]) == ("101", "102")
    assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["999"]})
    assert "102" not in searched(ask)


def test_the_date_versioned_paths_answer_the_same(ask):
    same = [ask("POST", f"{path}/search", json={}).json() for path in (CONTACTS, "/crm/objects/2026-03/contacts")]
    assert same[0] == same[1] and same[0]["total"] == 6


def test_the_sixth_search_within_a_second_is_refused_for_now():
    now = [0.0]
    routes = hubspot.routes(HandMade(), searches_per_second=5, now=lambda: now[0])
    with serving(Starlette(routes=routes)) as served:

        def status() -> requests.Response:
            headers = {"Authorization": f"Bearer {hubspot.TOKEN}"}
            return requests.post(f"{served.url}{CONTACTS}/search", json={}, headers=headers, timeout=5)

        assert [status().status_code for _ in range(5)] == [200] * 5
        refused = status()
        assert refused.status_code == 429
        assert refused.json()["errorType"] == "RATE_LIMIT" and refused.json()["policyName"] == "SECONDLY"
        now[0] += 1.0
        assert status().status_code == 200


def test_a_moved_clock_shows_the_new_view():
    class Moving:
        def __init__(self) -> None:
            self.now = HandMade(SAME_TIME, ())

        def view(self) -> HandMade:
            return self.now

    clock = Moving()
    with serving(Starlette(routes=hubspot.routes(clock))) as served:

        def total(kind: str) -> int:
            headers = {"Authorization": f"Bearer {hubspot.TOKEN}"}
            path = f"{served.url}/crm/v3/objects/{kind}/search"
            return requests.post(path, json={}, headers=headers, timeout=5).json()["total"]

        before = total("contacts"), total("deals")
        clock.now = HandMade(SAME_TIME[:1], DEALS)
        assert (before, (total("contacts"), total("deals"))) == ((3, 0), (1, 3))


def test_the_account_tells_its_currency(ask):
    assert ask("GET", "/account-info/v3/details").json()["companyCurrency"] == "USD"
