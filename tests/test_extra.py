"""What a source sends beside what was asked for is kept, told of by the gate, and leads to no person."""

import json

import pyarrow as pa
import pytest

from marketing_mart.connectors import google_ads, hubspot, meta_ads
from marketing_mart.connectors.extra import extra_column
from marketing_mart.connectors.google_ads.rows import table_of
from marketing_mart.connectors.hubspot import _Fields
from marketing_mart.connectors.meta_ads import ads, insights
from marketing_mart.privacy import Privacy

PRIVACY = Privacy(b"key")
GOOGLE = {
    "segments": {"date": "2025-06-30"},
    "customer": {
        "resourceName": "customers/1", "id": "1", "descriptiveName": "Shop", "currencyCode": "EUR", "timeZone": "UTC",
    },
    "metrics": {"impressions": "10", "clicks": "1", "costMicros": "5"},
}  # fmt: skip
META = {
    "date_start": "2025-06-30", "date_stop": "2025-06-30", "account_id": "1", "account_name": "Shop",
    "account_currency": "EUR", "impressions": "10", "clicks": "1", "spend": "5",
}  # fmt: skip
AD = {
    "id": "7", "name": "Rugs", "account_id": "1", "campaign_id": "2", "adset_id": "3", "effective_status": "ACTIVE",
    "updated_time": "2025-06-30T10:00:00+0000",
}  # fmt: skip


def google(*rows: dict) -> list:
    stream = next(one for one in google_ads.STREAMS if one.name == "account_performance")
    return table_of(stream, list(rows), stream.label, PRIVACY).column("_extra").to_pylist()


def meta(*rows: dict) -> list:
    stream = next(one for one in meta_ads.STREAMS if one.name == "account_insights")
    return insights._table(stream, list(rows), stream.label, PRIVACY).column("_extra").to_pylist()


def meta_ad(*rows: dict) -> list:
    return ads._table(list(rows), "meta_ads/ads", PRIVACY).column("_extra").to_pylist()


def crm(*rows: dict) -> list:
    return [_Fields(row, "hubspot/contacts").extra() for row in rows]


@pytest.mark.parametrize(
    ("read", "row"), [(google, GOOGLE), (meta, META), (meta_ad, AD), (crm, {"id": "1", "properties": {}, "url": "x"})]
)
def test_a_row_as_asked_for_has_nothing_extra(read, row):
    assert read(row, row) == [None, None]
    new = read(row, row | {"somethingNew": {"of": 1}})
    assert new[0] is None
    assert json.loads(new[1]) == {"somethingNew": None if read is crm else {"of": 1}}


def test_the_resource_that_google_names_in_every_row_is_nothing_new():
    stream = next(one for one in google_ads.STREAMS if one.name == "countries")
    row = {
        "geoTargetConstant": {"resourceName": "geoTargetConstants/1", "id": "1", "countryCode": "DE", "name": "Germany"}
    }
    assert table_of(stream, [row], stream.label, PRIVACY).column("_extra").to_pylist() == [None]
    account = GOOGLE | {"customer": GOOGLE["customer"] | {"resourceName": "customers/2"}}
    assert google(account) == [None]


def test_a_new_field_of_a_known_object_is_named_with_it():
    new = GOOGLE | {"metrics": GOOGLE["metrics"] | {"reach": "7"}}
    assert [one and json.loads(one) for one in google(GOOGLE, new)] == [None, {"metrics.reach": "7"}]


def test_addresses_and_numbers_in_what_is_new_are_masked():
    (kept,) = extra_column(1, [("", [{"note": "Ann <ann@example.com>, +49 171 1234567"}], ())], PRIVACY).to_pylist()
    assert "ann@example.com" not in kept and "1234567" not in kept and "(address " in kept


def test_nothing_is_kept_of_rows_that_are_not_there():
    assert extra_column(0, [("", [], ())], PRIVACY).type == pa.string()
    assert google() == []


def test_hubspot_keeps_the_names_of_what_is_new_and_no_values():
    assert crm({"id": "1", "nickname": "Ann Lee"}) == ['{"nickname": null}']
    assert {"contacts", "deals"} <= {stream.name for stream in hubspot.STREAMS if "_extra" in stream.schema.names}
