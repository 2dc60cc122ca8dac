"""The Shopify connector: amounts to the cent on hand-made nodes, and reading from a served simulator."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

import pytest
import shop_view
from graphql import parse, validate
from shop_view import Answer, at

from marketing_mart.connectors import shopify
from marketing_mart.connectors.shopify import api, queries, rows
from marketing_mart.errors import SourceMalformed, SourceRefused, SourceUnavailable
from marketing_mart.privacy import Privacy
from marketing_mart.streams import Access, SourceOptions, Window
from simulator.vendors import shopify as simulated
from simulator.vendors.shopify_schema import schema

STREAMS = {stream.name: stream for stream in shopify.STREAMS}
PRIVACY = Privacy(b"a key of thirty-two random bytes", "DE")
EVERYTHING = Window(None, date(2025, 3, 31))


def bag(amount: str) -> dict:
    return {"shopMoney": {"amount": amount}}


def line(price: str, quantity: int = 1, discounts=(), taxes=(), **changes) -> dict:
    """`taxes`: pairs of amount and rate."""
    return {
        "id": "gid://shopify/LineItem/1",
        "quantity": quantity,
        "sku": "S",
        "title": "Lamp",
        "product": {"id": "gid://shopify/Product/7"},
        "variant": {"id": "gid://shopify/ProductVariant/8", "inventoryItem": {"unitCost": {"amount": "4.2"}}},
        "originalUnitPriceSet": bag(price),
        "discountAllocations": [{"allocatedAmountSet": bag(amount)} for amount in discounts],
        "taxLines": [{"priceSet": bag(amount), "rate": rate} for amount, rate in taxes],
        **changes,
    }


def refund(lines=(), adjustments=()) -> dict:
    """`lines`: pairs of subtotal and tax."""
    return {
        "id": "gid://shopify/Refund/5",
        "processedAt": "2025-03-09T12:00:00Z",
        "refundLineItems": {
            "nodes": [
                {
                    "quantity": 1,
                    "lineItem": {"id": "gid://shopify/LineItem/1"},
                    "subtotalSet": bag(subtotal),
                    "totalTaxSet": bag(tax),
                }
                for subtotal, tax in lines
            ]
        },
        "orderAdjustments": {"nodes": [{"amountSet": bag(amount)} for amount in adjustments]},
    }


def order(*lines: dict, refunds=(), **changes) -> dict:
    return {
        "id": "gid://shopify/Order/1",
        "createdAt": "2025-03-01T12:00:00Z",
        "processedAt": "2025-02-28T23:30:00-05:00",
        "updatedAt": "2025-03-01T12:00:00Z",
        "cancelledAt": None,
        "test": False,
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "USD",
        "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "email": None,
        "phone": None,
        "customer": None,
        "sourceName": "web",
        "attribution": None,
        "taxesIncluded": False,
        "totalTaxSet": None,
        "totalShippingPriceSet": bag("0.0"),
        "discountCodes": [],
        "lineItems": {"nodes": list(lines)},
        "refunds": list(refunds),
        "customerJourneySummary": None,
        **changes,
    }


def row(*lines: dict, **changes) -> dict:
    return rows.order_row(order(*lines, **changes), "shop", PRIVACY)


def amounts(made: dict) -> tuple[Decimal, Decimal]:
    return made["gross_amount"], made["discount_amount"]


CASES = {
    "no discount": ([line("10.0", 2)], False, "20", "0"),
    "a line's discount and its share of the order's": ([line("10.0", 2, ["3.0", "1.01"])], False, "20", "4.01"),
    "tax on top is no part of it": ([line("10.0", 1, taxes=[("1.9", 0.19)])], False, "10", "0"),
    "tax included": ([line("119.0", 1, taxes=[("19.0", 0.19)])], True, "100", "0"),
    "tax included and a discount": ([line("119.0", 1, ["11.9"], [("17.1", 0.19)])], True, "100", "10"),
    "two taxes included": ([line("113.0", 1, taxes=[("5.0", 0.05), ("8.0", 0.08)])], True, "100", "0"),
    "tax included, given away": ([line("119.0", 2, ["238.0"], [("0.0", 0.19)])], True, "200", "200"),
    "tax included, but none is due": ([line("119.0", 1)], True, "119", "0"),
    "three decimals": ([line("1.255", 3, ["0.005"])], False, "3.765", "0.005"),
    "no decimals": ([line("1200", 2, ["100"])], False, "2400", "100"),
    "two lines": ([line("10.0", 1, ["5.0"]), line("15.0")], False, "25", "5"),
    "no line": ([], False, "0", "0"),
}


@pytest.mark.parametrize("case", CASES)
def test_gross_and_discount_are_without_tax_and_shipping(case):
    lines, included, gross, discount = CASES[case]
    made = row(*lines, taxesIncluded=included, totalShippingPriceSet=bag("4.9"))
    assert amounts(made) == (Decimal(gross), Decimal(discount))


def test_included_tax_leaves_exactly_what_was_sold_for_less_the_tax():
    rng = Random(7)
    for _ in range(300):
        price, quantity = Decimal(rng.randint(1, 99999)) / 100, rng.randint(1, 9)
        discount = (price * quantity * rng.randint(0, 90) / 100).quantize(Decimal("0.01"))
        tax = ((price * quantity - discount) * rng.randint(0, 25) / 125).quantize(Decimal("0.01"))
        made = row(line(str(price), quantity, [str(discount)], [(str(tax), 0.2)]), taxesIncluded=True)
        gross, cut = amounts(made)
        assert gross - cut == price * quantity - discount - tax
        [landed] = made["lines"]
        assert landed["unit_price"] * quantity == gross
        assert landed["discount_amount"] == cut
        assert gross.as_tuple().exponent >= -6


REFUNDS = {
    "a line": ([("10.0", "1.9")], [], False, "10"),
    "a line of which something was kept": ([("10.0", "1.9")], ["1.5"], False, "8.5"),
    "an amount without lines": ([], ["-5.0"], False, "5"),
    "shipping alone": ([], [], False, "0"),
    "a line with tax included": ([("119.0", "19.0")], [], True, "100"),
    "restocked, not yet paid back": ([("10.0", "1.9")], ["10.0"], False, "0"),
}


@pytest.mark.parametrize("case", REFUNDS)
def test_a_refund_is_what_was_given_back_for_products(case):
    lines, adjustments, included, amount = REFUNDS[case]
    [made] = row(line("119.0"), refunds=[refund(lines, adjustments)], taxesIncluded=included)["refunds"]
    assert made["amount"] == Decimal(amount)
    assert made["refunded_at"] == datetime(2025, 3, 9, 12, tzinfo=UTC)


def test_shipping_is_without_its_tax_where_prices_include_it():
    lines = [line("119.0", taxes=[("19.0", 0.19)])]
    taxed = {"totalTaxSet": bag("19.95"), "totalShippingPriceSet": bag("5.95")}
    assert row(*lines, taxesIncluded=True, **taxed)["shipping_amount"] == Decimal("5.00")
    assert row(*lines, taxesIncluded=False, **taxed)["shipping_amount"] == Decimal("5.95")


def test_the_booking_day_is_the_processing_day_as_an_instant():
    assert row(line("1.0"))["processed_at"] == datetime(2025, 3, 1, 4, 30, tzinfo=UTC)


def test_what_is_gone_or_unknown_is_null():
    [made] = row(line("1.0", product=None, variant=None, sku=""), displayFinancialStatus=None)["lines"]
    assert (made["product_id"], made["variant_id"], made["sku"], made["unit_cost"]) == (None, None, None, None)
    [free] = row(line("1.0", variant={"id": "gid://shopify/ProductVariant/8", "inventoryItem": {"unitCost": None}}))[
        "lines"
    ]
    assert (free["variant_id"], free["unit_cost"]) == ("8", None)


@pytest.mark.parametrize(
    ("name", "handle", "channel"),
    [
        ("web", None, "online"),
        ("pos", None, "store"),
        ("mobile_app", None, "mobile_app"),
        ("3890849", "shop_app", "shop_app"),
        ("3890849", None, "3890849"),
        (None, "pos", "store"),
        (None, None, None),
    ],
)
def test_the_sales_channel_is_named_after_its_source(name, handle, channel):
    attribution = handle and {"handle": handle}
    assert row(line("1.0"), sourceName=name, attribution=attribution)["sales_channel"] == channel


def visit(key: str, **changes) -> dict:
    return {
        "id": f"gid://shopify/CustomerVisit/{key}",
        "occurredAt": f"2025-03-01T0{key}:00:00Z",
        "source": "direct",
        "sourceType": None,
        "landingPage": None,
        "referrerUrl": None,
        "utmParameters": None,
        **changes,
    }


def journey(moments=(), first=None, last=None) -> dict:
    return {"firstVisit": first, "lastVisit": last, "moments": moments if moments is None else {"nodes": list(moments)}}


@pytest.mark.parametrize(
    "summary", [None, journey(None), journey(), journey(None, None, None)], ids=["absent", "not ready", "empty", "bare"]
)
def test_an_order_without_a_journey_has_no_visits(summary):
    assert row(line("1.0"), customerJourneySummary=summary)["visits"] == []


def test_visits_are_the_moments_and_first_and_last_each_once_oldest_first():
    summary = journey([visit("3"), visit("2")], visit("1"), visit("3"))
    visits = row(line("1.0"), customerJourneySummary=summary)["visits"]
    assert [each["visit_id"] for each in visits] == ["1", "2", "3"]


UTM = {"source": "mail", "medium": "email", "campaign": "spring", "content": None, "term": None}
VISITS = {
    "tagged": ({"utmParameters": UTM, "source": "Google"}, "mail", "email"),
    "direct": ({}, None, None),
    "unknown": ({"source": "unknown"}, None, None),
    "search": (
        {"source": "Google", "sourceType": "SEO", "referrerUrl": "https://www.google.com/"},
        "google",
        "organic",
    ),
    "link": ({"source": "blog.example", "sourceType": "LINK"}, "blog.example", "referral"),
    "referrer alone": ({"source": "Facebook", "referrerUrl": "https://www.facebook.com/"}, "facebook", "referral"),
    "auto-tagged ad": ({"source": "Google", "landingPage": "https://shop.example/?gclid=Cj0"}, "google", "cpc"),
    "newsletter": ({"source": "email", "sourceType": "NEWSLETTER"}, "email", "email"),
}


@pytest.mark.parametrize("case", VISITS)
def test_a_visit_has_its_source_and_medium(case):
    changes, source, medium = VISITS[case]
    [made] = row(line("1.0"), customerJourneySummary=journey([visit("1", **changes)]))["visits"]
    assert (made["source"], made["medium"]) == (source, medium)


@pytest.mark.parametrize(
    ("sent", "landed"),
    [
        (
            "https://shop.example/a?utm_source=x&email=a%40b.example&gclid=1#me",
            "https://shop.example/a?utm_source=x&gclid=1",
        ),
        ("https://shop.example/a?utm_term=a%40b.example&q=name", "https://shop.example/a"),
        ("https://anna@shop.example/", "https://shop.example/"),
        ("https://shop.example/unsubscribe/a%40b.example", "https://shop.example"),
        (None, None),
    ],
)
def test_a_landing_page_keeps_its_campaign_and_nobody_s_address(sent, landed):
    changes = {"landingPage": sent, "utmParameters": {**UTM, "content": "anna@example.com"}}
    [made] = row(line("1.0"), customerJourneySummary=journey([visit("1", **changes)]))["visits"]
    assert made["landing_url"] == landed
    assert made["content"] is None


# reading over HTTP


@pytest.fixture
def served():
    with shop_view.serving() as shop:
        yield shop


@pytest.fixture(autouse=True)
def patience(request, monkeypatch):
    """Waiting moves the shared clock, and takes no time."""
    if "served" not in request.fixturenames:
        return
    clock, make = request.getfixturevalue("served").time, api.shop
    monkeypatch.setattr(api, "shop", lambda access, stream: make(access, stream, sleep=clock.sleep, clock=clock))


def read(served, stream: str = "orders", window: Window = EVERYTHING, secret: str = "demo-client-secret", zone="UTC"):
    access = Access("shopify", served.url, "demo-client", secret)
    return list(shopify.read(STREAMS[stream], window, access, SourceOptions(timezone=zone), PRIVACY))


def landed(pages) -> dict[str, dict]:
    found = [each for page in pages for each in page.table.to_pylist()]
    by_id = {each.get("order_id") or each.get("customer_id") or each["product_id"]: each for each in found}
    assert len(by_id) == len(found)
    return by_id


@pytest.fixture
def small_pages(patience, monkeypatch):
    make = api.shop

    def with_pages_of_two(access, stream, **given):
        shop = make(access, stream, **given)
        shop.page_size = 2
        return shop

    monkeypatch.setattr(api, "shop", with_pages_of_two)


def test_orders_land_as_the_shop_has_them(served):
    pages = read(served)
    assert [page.table.schema for page in pages] == [STREAMS["orders"].schema]
    assert [page.stated_rows for page in pages] == [5]
    found = landed(pages)
    nets = {
        key: (each["gross_amount"], each["discount_amount"], sum(given["amount"] for given in each["refunds"]))
        for key, each in found.items()
    }
    assert nets == {
        "101": (Decimal(25), Decimal(5), 0),
        "102": (Decimal(30), Decimal(0), Decimal(10)),
        "103": (Decimal("12.5"), Decimal(0), Decimal("12.5")),
        "104": (Decimal(99), Decimal(0), 0),
        "105": (Decimal(130), Decimal(0), Decimal(110)),
    }
    assert {key for key, each in found.items() if each["is_test"]} == {"104"}
    assert {key for key, each in found.items() if each["cancelled_at"]} == {"103"}
    assert {key: each["customer_id"] for key, each in found.items()} == {
        "101": "11", "102": None, "103": "11", "104": None, "105": "12",
    }  # fmt: skip
    first = found["101"]
    assert (first["tax_amount"], first["shipping_amount"]) == (Decimal("1.9"), Decimal("4.9"))
    assert (first["shop"], first["currency"], first["discount_codes"]) == (simulated_domain(), "EUR", ["SAVE"])
    assert first["lines"][0] == {
        "line_id": "1011", "product_id": "701", "variant_id": "801", "sku": "L-1", "product_name": "Lamp",
        "quantity": 1, "unit_price": Decimal(10), "discount_amount": Decimal(5), "unit_cost": Decimal("4.2"),
    }  # fmt: skip
    assert [(each["source"], each["medium"], each["campaign"]) for each in first["visits"]] == [
        (None, None, None), ("google", "organic", None), ("mail", "email", "spring"),
    ]  # fmt: skip
    assert first["visits"][1]["referrer"] == "https://www.google.com/search"


def simulated_domain() -> str:
    return "harbour-and-pine.myshopify.com"


def test_lines_refund_lines_and_visits_beyond_the_first_page_are_read_on(served):
    order_105 = landed(read(served))["105"]
    assert [each["line_id"] for each in order_105["lines"]] == [f"105{number:02d}" for number in range(1, 14)]
    assert [len(each["lines"]) for each in order_105["refunds"]] == [11, 0]
    assert [each["amount"] for each in order_105["refunds"]] == [Decimal(110), Decimal(0)]
    assert len(order_105["visits"]) == 12


def test_one_person_is_one_hash_whatever_the_order_and_the_customer_say(served):
    orders, customers = landed(read(served)), landed(read(served, "customers"))
    assert orders["101"]["email_hash"] == customers["11"]["email_hash"] == PRIVACY.email("anna.berg@example.com")
    assert orders["101"]["phone_hash"] == customers["11"]["phone_hash"] == PRIVACY.phone("+4930901820")
    assert (customers["12"]["email_hash"], customers["12"]["phone_hash"]) == (None, None)


def test_products_land_as_the_shop_has_them(served):
    assert landed(read(served, "products"))["702"] == {
        "shop": simulated_domain(), "product_id": "702", "created_at": at(1, 0), "updated_at": at(4, 0),
        "product_name": "Rug", "category": "Textiles", "vendor": "Moss", "status": "active", "_extra": None,
    }  # fmt: skip


def test_no_personal_data_is_in_any_page(served):
    pages = [page for stream in STREAMS for page in read(served, stream)]
    text = json.dumps([page.table.to_pylist() for page in pages], default=str).lower()
    assert "lamp" in text
    for personal in ("@", "%40", "anna", "berg", "nord", "901820", "guest"):
        assert personal not in text


def test_no_query_asks_for_a_name_or_an_address():
    for text in queries.ALL_QUERIES:
        for field in ("firstName", "lastName", "displayName", "Address {", "note", "clientIp", "customAttributes"):
            assert field not in text.replace("defaultEmailAddress {", "")


def test_every_query_is_valid_in_the_vendor_s_schema():
    assert len(queries.ALL_QUERIES) == 10
    for text in queries.ALL_QUERIES:
        assert validate(schema(), parse(text)) == []


def test_pages_follow_each_other(served, small_pages):
    pages = read(served)
    assert [page.table.num_rows for page in pages] == [2, 2, 1]
    assert [page.stated_rows for page in pages] == [5, 5, 5]
    assert set(landed(pages)) == {"101", "102", "103", "104", "105"}


def test_an_incremental_read_has_what_changed_since_the_day_began(served):
    pages = read(served, window=Window(date(2025, 3, 9), date(2025, 3, 31)))
    assert set(landed(pages)) == {"102", "105"}
    assert [page.stated_rows for page in pages] == [2]
    assert served.queries()[0]["variables"]["query"] == "updated_at:>='2025-03-09T00:00:00Z'"


def test_the_day_begins_in_the_reporting_zone(served):
    read(served, window=Window(date(2025, 3, 9), date(2025, 3, 31)), zone="America/New_York")
    assert served.queries()[0]["variables"]["query"] == "updated_at:>='2025-03-09T05:00:00Z'"


def test_nothing_new_is_one_page_without_rows(served):
    [page] = read(served, window=Window(date(2025, 3, 30), date(2025, 3, 31)))
    assert (page.table.num_rows, page.stated_rows) == (0, 0)


def test_products_of_every_status_are_asked_for(served):
    read(served, "products", Window(date(2025, 3, 3), date(2025, 3, 31)))
    assert served.queries()[1]["variables"]["query"] == (
        "status:active,archived,draft,unlisted updated_at:>='2025-03-03T00:00:00Z'"
    )


@pytest.mark.parametrize("day", [2, 6], ids=["the tie spans pages", "the tie goes on"])
def test_a_long_read_starts_anew_before_cursors_end_and_repeats_nothing(served, small_pages, monkeypatch, day):
    monkeypatch.setattr(api, "DEEPEST", 5)
    tied = [shop_view.order(f"20{n}", day, [shop_view.line(f"{n}", shop_view.LAMP, 1, "1.00")]) for n in range(3)]
    served.view = shop_view.HandMade(shown=(*shop_view.ORDERS, *tied))
    assert set(landed(read(served))) == {"101", "102", "103", "104", "105", "200", "201", "202"}
    searches = {body["variables"].get("query") for body in served.queries()[1:]}
    assert f"updated_at:>='2025-03-0{day}T12:00:00Z'" in searches


@pytest.mark.parametrize(("count", "precision"), [(10_000, "AT_LEAST"), (25_001, "EXACT")])
def test_a_count_that_is_only_a_bound_is_not_stated(served, count, precision):
    counted = {"shop": {"myshopifyDomain": "x"}, "counted": {"count": count, "precision": precision}}
    served.instead = [Answer(200, {"data": counted})]
    assert {page.stated_rows for page in read(served)} == {None}


def test_orders_that_come_in_while_they_are_read_are_as_the_shop_states(served, small_pages):
    """The shop counted 4 at first; by the end it has all five, of which one was read twice since it changed."""
    counted = {"shop": {"myshopifyDomain": "x"}, "counted": {"count": 4, "precision": "EXACT"}}
    served.instead = [Answer(200, {"data": counted})]
    pages = read(served)
    assert sum(page.table.num_rows for page in pages) == pages[-1].stated_rows == 5
    assert "counted" in served.queries()[-1]["query"]


def test_orders_beyond_what_the_shop_counted_before_and_after_are_not_as_it_states(served, small_pages):
    counted = {"shop": {"myshopifyDomain": "x"}, "counted": {"count": 9, "precision": "EXACT"}}
    served.instead = [Answer(200, {"data": counted})]
    assert read(served)[-1].stated_rows == 5  # 9 before and 5 after: four were deleted meanwhile
    assert [shopify._beyond(found, 9, 5) for found in (4, 7, 12)] == [1, 0, -3]


# cost, patience and refusals


def test_it_waits_before_it_asks_what_the_bucket_cannot_pay(served, small_pages):
    served.bucket.size, served.bucket.per_second = 70, 10
    pages = read(served)
    assert len(landed(pages)) == 5
    assert served.time.naps
    asked = [body for body in served.queries() if "orders(first: $first" in body["query"]]
    assert len(asked) == len(pages) == 3  # none was throttled


def test_a_throttled_query_is_asked_again_when_the_bucket_holds_its_cost(served):
    served.bucket._left = 10.0  # another program of the same app has been here
    served.bucket.per_second = 100
    assert len(landed(read(served))) == 5
    assert served.time.naps == [pytest.approx(6.6, abs=0.3)]


def test_a_throttle_that_outlasts_our_patience_is_an_end(served):
    cost = {
        "requestedQueryCost": 600,
        "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": 0, "restoreRate": 1},
    }
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    served.instead = [Answer(200, {"errors": errors, "extensions": {"cost": cost}})]
    with pytest.raises(SourceUnavailable, match="shopify/orders"):
        read(served)


def test_a_page_that_costs_too_much_is_made_smaller(served, monkeypatch):
    monkeypatch.setattr(simulated, "MOST_EXPENSIVE", 300)
    assert len(landed(read(served))) == 5
    sizes = [body["variables"]["first"] for body in served.queries() if "first" in body["variables"]]
    assert sizes[0] == 250
    assert sizes[-1] < 100


def test_a_shop_whose_bucket_is_smaller_than_a_page_costs_gets_smaller_pages(served):
    served.bucket.size = 300
    assert len(landed(read(served))) == 5


def test_a_row_that_alone_costs_too_much_is_refused(served, monkeypatch):
    monkeypatch.setattr(simulated, "MOST_EXPENSIVE", 10)
    with pytest.raises(SourceRefused, match="single row"):
        read(served)


def test_a_token_that_ends_during_the_read_is_renewed(small_pages, monkeypatch):
    with shop_view.serving(token_seconds=100) as shop:
        make, clock = api.shop, shop.time
        monkeypatch.setattr(api, "shop", lambda access, stream: make(access, stream, sleep=clock.sleep, clock=clock))
        access = Access("shopify", shop.url, "demo-client", "demo-client-secret")
        pages = shopify.read(STREAMS["orders"], EVERYTHING, access, SourceOptions(), PRIVACY)
        found = []
        for page in pages:
            found += page.table["order_id"].to_pylist()
            clock.now += 200
        assert sorted(found) == ["101", "102", "103", "104", "105"]
        assert sum(path.endswith("access_token") for path, _ in shop.asked) == 3


def test_a_token_withdrawn_before_its_time_is_exchanged_once(served):
    served.instead = [Answer(401, {"errors": "[API] Invalid API key or access token"})]
    assert len(landed(read(served))) == 5
    assert sum(path.endswith("access_token") for path, _ in served.asked) == 2


def test_a_wrong_secret_is_refused_without_being_told(served):
    with pytest.raises(SourceRefused, match="401") as refused:
        read(served, secret="not-the-secret-at-all")
    assert "shopify/orders" in str(refused.value)
    assert "mart_shopify" in refused.value.next_step
    assert "not-the-secret" not in str(refused.value)


def test_429_is_waited_for_as_asked_and_5xx_is_tried_again(served):
    served.instead = [Answer(429, "", (("Retry-After", "7"),)), Answer(503, "later"), Answer(502, "")]
    assert len(landed(read(served))) == 5
    assert served.time.naps[0] == 7
    assert len(served.time.naps) == 3


def test_a_shop_that_stays_down_is_unavailable(served):
    served.instead = [Answer(503, "down") for _ in range(100)]
    with pytest.raises(SourceUnavailable, match="503"):
        read(served)


def test_an_internal_error_in_a_200_is_tried_again(served):
    errors = [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
    served.instead = [Answer(200, {"errors": errors})]
    assert len(landed(read(served))) == 5
    assert served.time.naps


def test_a_missing_scope_is_refused_and_named(served):
    errors = [{"message": "Access denied for orders field.", "extensions": {"code": "ACCESS_DENIED"}}]
    served.instead = [Answer(200, {"data": {"orders": None}, "errors": errors})]
    with pytest.raises(SourceRefused, match="Access denied for orders") as refused:
        read(served)
    assert "read_all_orders" in refused.value.next_step


def test_a_search_the_shop_ignored_is_refused(served, monkeypatch):
    monkeypatch.setattr(queries.Listing, "search", lambda self, since: "changed:today")
    with pytest.raises(SourceRefused, match="changed"):
        read(served)


COUNTED = Answer(200, {"data": {"shop": {"myshopifyDomain": "x"}, "counted": {"count": 1, "precision": "EXACT"}}})


def page_of(*nodes, info=None) -> Answer:
    found = {"nodes": list(nodes), "pageInfo": info or {"hasNextPage": False, "endCursor": None}}
    return Answer(200, {"data": {"found": found}})


MALFORMED = {
    "no JSON": ("no JSON", [Answer(200, "<html>sorry</html>")]),
    "a list": ("no GraphQL response", [Answer(200, [])]),
    "no data": ("neither data nor errors", [Answer(200, {"data": None})]),
    "no count": ("the count", [Answer(200, {"data": {"shop": None}})]),
    "no page": ("a page", [COUNTED, Answer(200, {"data": {"found": None}})]),
    "no nodes": ("nodes", [COUNTED, Answer(200, {"data": {"found": {"pageInfo": {"hasNextPage": False}}}})]),
    "a node that is none": ("no object", [COUNTED, page_of(None)]),
    "a next page without a cursor": ("no way to it", [COUNTED, page_of(info={"hasNextPage": True, "endCursor": None})]),
    "an order without fields": ("Order/1 .*lineItems", [COUNTED, page_of({"id": "gid://shopify/Order/1"})]),
    "an amount that is none": ("Order/1", [COUNTED, page_of(order(line("ten")))]),
    "an amount without end": ("NaN", [COUNTED, page_of(order(line("NaN")))]),
    "a time without a zone": ("no offset", [COUNTED, page_of(order(line("1.0"), updatedAt="2025-03-01T12:00:00"))]),
    "an id of no kind": ("no global id", [COUNTED, page_of(order(line("1.0"), id="1"))]),
    "a count that is text": ("Order/1", [COUNTED, page_of(order(line("1.0", quantity="two")))]),
}


def test_adjustments_beyond_the_first_page_are_read_on(served):
    given = refund([("10.0", "1.9")], ["1.0"])
    more = {"hasNextPage": True, "endCursor": "c"}
    given["orderAdjustments"]["pageInfo"] = more
    given["refundLineItems"]["pageInfo"] = {**more, "hasNextPage": False}
    rest = {"nodes": [{"amountSet": bag("2.0")}], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    served.instead = [
        COUNTED,
        _with_page_infos(page_of(order(line("10.0"), refunds=[given]))),
        Answer(200, {"data": {"parent": {"orderAdjustments": rest}}}),
    ]
    [found] = landed(read(served)).values()
    assert found["refunds"][0]["amount"] == Decimal(7)
    assert served.queries()[-1]["variables"] == {"id": "gid://shopify/Refund/5", "after": "c"}


def test_an_order_deleted_while_it_was_read_is_worth_another_try(served):
    nodes = order(line("10.0"))
    nodes["lineItems"]["pageInfo"] = {"hasNextPage": True, "endCursor": "c"}
    served.instead = [COUNTED, page_of(nodes), Answer(200, {"data": {"parent": None}})]
    with pytest.raises(SourceUnavailable, match="Order/1 was deleted"):
        read(served)


@pytest.mark.parametrize("case", MALFORMED)
def test_an_answer_that_is_not_the_vendor_s_is_malformed(served, case):
    told, answers = MALFORMED[case]
    served.instead = [_with_page_infos(answer) for answer in answers]
    with pytest.raises(SourceMalformed, match=f"shopify/orders: .*{told}"):
        read(served)


def _with_page_infos(answer: Answer) -> Answer:
    """Nested connections of hand-made orders end with their first page."""
    text = json.dumps(answer.body) if not isinstance(answer.body, str) else answer.body
    ended = '"pageInfo": {"hasNextPage": false, "endCursor": null}, "nodes": ['
    return Answer(answer.status, text.replace('"lineItems": {"nodes": [', f'"lineItems": {{{ended}'))
