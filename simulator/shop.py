"""What the shop sells and its orders over their whole life; `order_as_of` shows one at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from simulator.draws import generator, pick
from simulator.money import cents
from simulator.nouns import Customer, Order, OrderLine, Product, Refund, RefundLine, Visit
from simulator.seasons import midnight

_GOODS = {
    "Bedding": ("Linen Duvet Cover", "Linen Sheet", "Wool Blanket", "Down Pillow", "Quilt", "Pillow Case", "Bed Throw"),
    "Furniture": ("Oak Table", "Pine Bench", "Walnut Stool", "Bookshelf", "Rattan Chair", "Coat Rack", "Nightstand"),
    "Lighting": ("Ceramic Lamp", "Brass Sconce", "Paper Pendant", "Reading Lamp", "Floor Lamp", "Candle Lantern"),
    "Textiles": ("Wool Rug", "Cotton Rug", "Linen Curtain", "Cushion Cover", "Table Runner", "Tea Towel Set", "Apron"),
    "Tableware": ("Stoneware Plate", "Serving Bowl", "Espresso Cup", "Carafe", "Oak Board", "Glass Set", "Salt Pig"),
    "Storage": ("Rattan Basket", "Linen Hamper", "Tin Box", "Wall Hook Rail", "Jute Bag", "Drawer Organiser"),
}  # fmt: skip
_PRICES = {
    "Bedding": (24, 110), "Furniture": (49, 210), "Lighting": (29, 129), "Textiles": (9, 139),
    "Tableware": (6, 39), "Storage": (9, 45),
}  # fmt: skip
_TAX_PERCENT = 19
_STORES = ("LON1", "LON1", "MAN1")


@dataclass(frozen=True, slots=True)
class Promotion:
    promotion_id: str
    category: str
    starts_on: date
    ends_on: date
    percent: int


def products(seed: int) -> tuple[Product, ...]:
    """The whole range, also what will be launched later; a few have no known cost."""
    rng = generator(seed, "products")
    made = []
    for category, names in _GOODS.items():
        for name in names:
            number = len(made) + 1
            price = rng.randint(*_PRICES[category]) * 100 + rng.choice((0, 50, 90))
            cost = None if number % 13 == 0 else cents(price * rng.randint(32, 58) // 100)
            launched = midnight(date(2023, 9, 4)) + timedelta(days=rng.randint(0, 60), seconds=rng.randint(0, 80000))
            if number % 9 == 0:
                launched = midnight(date(2024, 3, 1)) + timedelta(days=61 * number // 4, hours=9)
            made.append(
                Product(
                    str(7_700_000_000_000 + number * 37),
                    str(4_400_000_000_000 + number * 41),
                    name,
                    category,
                    "Harbour & Pine" if number % 5 else "Moss Workshop",
                    f"HP-{category[:3].upper()}-{number:03d}",
                    cents(price),
                    cost,
                    launched,
                    launched,
                )
            )
    return tuple(made)


def promotions(year: int) -> list[Promotion]:
    """The promotions of a year: a category at a time, a discount without a code."""
    plan = (
        ("spring", "Bedding", (3, 10), (3, 23), 10),
        ("garden", "Lighting", (5, 19), (6, 1), 15),
        ("summer", "Textiles", (7, 7), (7, 27), 20),
        ("table", "Tableware", (9, 15), (9, 28), 10),
        ("holiday", "Storage", (11, 20), (11, 30), 25),
    )
    return [
        Promotion(f"{name}-{year}", category, date(year, *first), date(year, *last), percent)
        for name, category, first, last, percent in plan
    ]


class Till:
    """Rings up orders. Ids come from the day on which the buyer first appeared, so they never shift."""

    def __init__(self, rng: Random, birth_day: int, range_: Sequence[Product]) -> None:
        self._rng = rng
        self._birth_day = birth_day
        self._range = range_
        self._count = 0

    def web_order(
        self, at: datetime, customer: Customer | None, email: str, phone: str, visits: Sequence[Visit]
    ) -> Order:
        rng, order_id = self._rng, self._next_id(5)
        lines, codes = self._lines(at, order_id, 100, rng.random() < 0.2)
        net = sum(int(line.unit_price * 100) * line.quantity - int(line.discount * 100) for line in lines)
        tax, shipping = cents(net * _TAX_PERCENT // 100), cents(490 if net < 8000 else 0)
        # an order taken on the phone is keyed in a day or two after it was made
        created_at = at + timedelta(hours=rng.randint(5, 50)) if rng.random() < 0.012 else at
        cancelled_at, refunds = self._afterlife(created_at, order_id, lines, tax, shipping, 0.025, 0.09)
        changes = [created_at, *(refund.refunded_at for refund in refunds)]
        return Order(
            order_id, "", customer, email, phone, created_at, at, max(changes), cancelled_at, rng.random() < 0.006,
            "EUR", lines, codes, tax, shipping, refunds, tuple(visits),
        )  # fmt: skip

    def store_order(self, at: datetime, customer: Customer | None, email: str, phone: str) -> list[Order]:
        """The order, and with luck a credit note for it (an order without lines) some days later."""
        rng, order_id = self._rng, "ST" + self._next_id(8)
        store = _STORES[int(rng.random() * len(_STORES))]
        lines, codes = self._lines(at, order_id, 88, rng.random() < 0.08)
        net = sum(int(line.unit_price * 100) * line.quantity - int(line.discount * 100) for line in lines)
        tax = cents(net * 20 // 100)
        cancelled_at, refunds = self._afterlife(at, order_id, lines, tax, cents(0), 0.01, 0.04)
        changes = [at, *(refund.refunded_at for refund in refunds)]
        made = [
            Order(
                order_id, store, customer, email, phone, at, at, max(changes), cancelled_at, False, "GBP",
                lines, codes, tax, cents(0), refunds, (),
            )
        ]  # fmt: skip
        if not refunds and rng.random() < 0.05:
            made.append(self._credit_note(made[0], at + timedelta(days=rng.randint(1, 20), hours=rng.randint(0, 5))))
        return made

    def _credit_note(self, order: Order, at: datetime) -> Order:
        line = order.lines[0]
        amount = line.unit_price * line.quantity - line.discount
        given_back = (RefundLine(line.line_id, line.quantity, amount),)
        refund = Refund(f"CR{order.order_id}", at, given_back, cents(0), cents(0))
        return replace(
            order, order_id=f"CN{order.order_id}", created_at=at, processed_at=at, updated_at=at, lines=(),
            discount_codes=(), tax=cents(0), refunds=(refund,),
        )  # fmt: skip

    def _lines(
        self, at: datetime, order_id: str, price_percent: int, with_code: bool
    ) -> tuple[tuple[OrderLine, ...], tuple[str, ...]]:
        rng, day = self._rng, at.date()
        on_sale = [product for product in self._range if product.created_at < at]
        chosen = rng.sample(on_sale, rng.choices((1, 2, 3, 4), (48, 29, 15, 8))[0])
        code, percent = _code(rng, day) if with_code else ("", 0)
        promoted = {p.category: p.percent for p in promotions(day.year) if p.starts_on <= day <= p.ends_on}
        lines = []
        for number, product in enumerate(chosen, start=1):
            price = int(product.price * 100) * price_percent // 100
            quantity = rng.choices((1, 2, 3, 4), (76, 16, 3, 5))[0]
            cut = max(percent, promoted.get(product.category, 0))
            discount = cents(price * quantity * cut // 100)
            lines.append(OrderLine(f"{order_id}{number:02d}", product, quantity, cents(price), discount))
        return tuple(lines), (code,) if code else ()

    def _afterlife(
        self, at: datetime, order_id: str, lines: tuple[OrderLine, ...], tax: Decimal, shipping: Decimal,
        cancelling: float, returning: float,
    ) -> tuple[datetime | None, tuple[Refund, ...]]:  # fmt: skip
        rng = self._rng
        chance = rng.random()
        if chance < cancelling:
            when = at + timedelta(seconds=rng.randint(600, 110_000))
            return when, (Refund(f"{order_id}91", when, _all_of(lines), tax, shipping),)
        if chance > cancelling + returning:
            return None, ()
        when = at + timedelta(days=rng.randint(2, 28), seconds=rng.randint(0, 80_000))
        if len(lines) == 1 or rng.random() < 0.35:
            line = lines[0]
            if len(lines) == 1 and line.quantity > 1 and rng.random() < 0.6:
                return None, (Refund(f"{order_id}91", when, (_part_of(line),), _tax(_part_of(line)), cents(0)),)
            return None, (Refund(f"{order_id}91", when, _all_of(lines), tax, cents(0)),)
        first = _all_of(lines[:1])
        refunds = [Refund(f"{order_id}91", when, first, _tax(first[0]), cents(0))]
        if rng.random() < 0.2:
            later = when + timedelta(days=rng.randint(1, 9), seconds=rng.randint(0, 9000))
            second = _all_of(lines[1:2])
            refunds.append(Refund(f"{order_id}92", later, second, _tax(second[0]), cents(0)))
        return None, tuple(refunds)

    def _next_id(self, kind: int) -> str:
        self._count += 1
        return str(kind * 10**12 + self._birth_day * 10**6 + self._count)


def order_as_of(order: Order, moment: datetime) -> Order:
    """The order as visible at the moment (it must have been created by then)."""
    if order.updated_at < moment:
        return order
    refunds = tuple(refund for refund in order.refunds if refund.refunded_at < moment)
    cancelled_at = order.cancelled_at if order.cancelled_at is not None and order.cancelled_at < moment else None
    updated_at = max([order.created_at, *(refund.refunded_at for refund in refunds)])
    return replace(order, refunds=refunds, cancelled_at=cancelled_at, updated_at=updated_at)


def _code(rng: Random, day: date) -> tuple[str, int]:
    codes = {("WELCOME10", 10): 5, ("NEWS5", 5): 3, (f"FRIENDS{day.year}", 15): 1}
    if day.month == 11 and day.day >= 20:
        codes[("BLACK20", 20)] = 12
    return pick(rng, codes)


def _all_of(lines: Sequence[OrderLine]) -> tuple[RefundLine, ...]:
    return tuple(
        RefundLine(line.line_id, line.quantity, line.unit_price * line.quantity - line.discount) for line in lines
    )


def _part_of(line: OrderLine) -> RefundLine:
    """One piece of the line, its discount taken off."""
    whole = int((line.unit_price * line.quantity - line.discount) * 100)
    return RefundLine(line.line_id, 1, cents(whole // line.quantity))


def _tax(line: RefundLine) -> Decimal:
    return cents(int(line.amount * 100) * _TAX_PERCENT // 100)


def customer_as_of(customer: Customer, last_order_at: datetime | None) -> Customer:
    """The shop touches a customer's record with each order."""
    if last_order_at is None or last_order_at <= customer.updated_at:
        return customer
    return replace(customer, updated_at=last_order_at)
