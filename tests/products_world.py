"""The shops of test_products: a web shop, a store and a marketplace, lamps promoted twice, and a catalogue that grows.

Lamps cost 10, in promotion 8, in the store 8, then 7. `early` (3 to 6 June) and `late` (5 to 8 June) overlap on lamps.
Vases are in the catalogue for 14 days before their promotion, bowls for 13, mugs nobody buys.
"""

from pathlib import Path
from typing import Any

from landed_world import LandedWorld, Row

VARIABLES = {"kpi_start": "2025-06-01", "mart_date": "2025-06-10"}
CATALOGUE = {"lamp": "2025-01-01", "bed": "2025-01-01", "mug": "2025-01-01", "vase": "2025-05-20", "bowl": "2025-05-21"}
PROMOTIONS = (
    ("early", "lamp", "2025-06-03", "2025-06-06", "0.2"),
    ("late", "lamp", "2025-06-05", "2025-06-08", "0.3"),
    ("new", "vase", "2025-06-03", "2025-06-04", "0.1"),
    ("new", "bowl", "2025-06-03", "2025-06-04", "0.1"),
    ("new", "mug", "2025-06-03", "2025-06-04", None),
    ("mistyped", "lamp", "2025-06-09", "2025-06-08", "0.2"),
    ("mistyped", "lmap", "2025-06-10", "2025-06-12", "0.2"),
    ("announced", "sofa", "2025-06-11", "2025-06-30", "0.2"),
)
Line = tuple[str, int, int, int | None]  # product, quantity, unit price, unit cost


def products_world(folder: Path) -> LandedWorld:
    """Dollars, but for one order in euros at 1.20."""
    world = LandedWorld(folder)
    world.land("files", "fx_rates", [
        {"date_day": "2025-06-06", "from_currency": "EUR", "to_currency": "USD", "rate": "1.20"},
    ])  # fmt: skip
    world.land("shopify", "products", [
        {"product_id": key, "product_name": key.title(), "created_at": f"{day}T12:00+00:00", "status": "ACTIVE"}
        for key, day in CATALOGUE.items()
    ])  # fmt: skip
    names = ("promotion_id", "product_id", "starts_on", "ends_on", "discount_rate")
    world.land("files", "promotions", [dict(zip(names, each, strict=True)) for each in PROMOTIONS])
    world.land("shopify", "orders", _web_orders())
    orders, lines = _store_orders()
    world.land("files", "orders", orders)
    world.land("files", "order_lines", lines)
    return world


def _web_orders() -> list[Row]:
    return [
        _web("w1", "2025-05-20", "ben", ("lamp", 2, 10, 4), ("bed", 1, 100, None)),
        _web("w2", "2025-06-01", "cleo", ("vase", 1, 20, 5), ("bowl", 1, 5, 1)),
        _web("w3", "2025-06-03", "dora", ("lamp", 3, 8, 4), ("bed", 2, 100, None)),
        _web("w4", "2025-06-03", "eve", ("bowl", 1, 5, 1)),
        _web("w5", "2025-06-05", "anna", ("lamp", 1, 8, 4)),
        _web("w6", "2025-06-05", "fred", ("bed", 1, 100, None)) | {"refunds": [_refund("bed", 1, 120)]},
        _web("w7", "2025-06-06", "gil", ("bed", 1, 100, None)),
        _web("w8", "2025-06-06", "hana", ("bed", 1, 100, None)),
        _web("m1", "2025-06-08", "jon", ("bowl", 4, 5, 1), discount=5)
        | {"currency": "EUR", "sales_channel": "Amazon", "discount_codes": ["summer", "SUMMER ", "vip"]},
        _web("z1", "2025-06-08", "kim", ("bowl", 1, 5, 1)) | {"sales_channel": "4711"},
    ]


def _store_orders() -> tuple[list[Row], list[Row]]:
    orders = [
        _store("s1", "2025-06-02", "anna", 16) | {"coupon_code": "tenoff"},
        _store("s2", "2025-06-05", "anna", 7),
        _store("s3", "2024-06-05", "gil", 50),  # 366 days before he buys online
        _store("s4", "2024-06-06", "hana", 50),  # 365
        _store("s5", "2025-06-06", "iris", 0) | {"status": "cancelled", "refund_amount": 30},
        _store("cn", "2025-06-04", "anna", -5),
    ]
    bought = {"product_id": "lamp", "line_id": "1"}
    return orders, [
        {"order_id": "s1", "quantity": 2, "unit_price": 8, "unit_cost": 4, **bought},
        {"order_id": "s2", "quantity": 1, "unit_price": 7, **bought},
    ]


def _web(order_id: str, day: str, customer: str, *lines: Line, discount: int = 0) -> dict[str, Any]:
    """A discount is the first line's."""
    gross = sum(quantity * price for _, quantity, price, _ in lines)
    return {
        "order_id": order_id,
        "processed_at": f"{day}T10:00+00:00",
        "currency": "USD",
        "customer_id": customer,
        "sales_channel": "online",
        "gross_amount": gross,
        "discount_amount": discount,
        "lines": [
            {
                "line_id": product,
                "product_id": product,
                "product_name": product.title(),
                "quantity": quantity,
                "unit_price": price,
                "unit_cost": cost,
                "discount_amount": 0 if number else discount,
            }
            for number, (product, quantity, price, cost) in enumerate(lines)
        ],
    }


def _refund(line_id: str, quantity: int, amount: int) -> Row:
    back = {"line_id": line_id, "quantity": quantity, "amount": amount}
    return {"refund_id": "r", "refunded_at": "2025-06-07T10:00+00:00", "amount": amount, "lines": [back]}


def _store(order_id: str, day: str, customer: str, net: int) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "ordered_at": f"{day}T15:00+00:00",
        "customer_id": customer,
        "net_amount": net,
        "currency": "USD",
        "store_id": "leeds",
    }
