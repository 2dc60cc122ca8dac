"""fct_restatements of a home that was loaded once (docs/restatements.md): what each load told of each day."""

from collections import defaultdict
from decimal import Decimal

from . import adverts, orders
from .money import NOUGHT, total, worth
from .reading import Row, World

STREAMS = {
    "google_ads": {"figures": "account_performance", "claims": "conversions"},
    "meta_ads": {"figures": "account_insights", "claims": "ad_insights"},
}


def fct_restatements(world: World) -> list[Row]:
    assert {load["version"] for load in world["loads"]} == {1}, "this reading knows one load of each day"
    return [_row(world, *key, value) for key, value in [*_of_ads(world), *_of_orders(world)]]


def _row(world: World, source: str, day, metric: str, currency: str, stream: str, loaded_for, value: Decimal) -> Row:
    load = next(
        one for one in world["loads"] if (one["source"], one["stream"], one["day"]) == (source, stream, loaded_for)
    )
    kind = "spend_days" if metric in ("spend", "impressions", "clicks") else "conversions_days"
    after = world.asked.told["finality"][source][kind]
    return {
        "source": source, "date_day": day, "metric": metric, "currency": currency, "load": load["sequence"],
        "loaded_at": load["loaded_at"], "loaded_for": load["last_day"], "is_accepted": True, "is_current": True,
        "is_final": None if after is None else (load["last_day"] - day).days >= after,
        "value_local": value, "change_local": None, "value": worth(world, value, currency, day) if currency else value,
    }  # fmt: skip


def _of_ads(world: World):
    sums: dict[tuple, Decimal] = defaultdict(lambda: NOUGHT)
    for source, streams in STREAMS.items():
        for row in world[f"{source}/{streams['figures']}"]:
            day = row["date_day"]
            spend = Decimal(row["cost_micros"]) / 1_000_000 if source == "google_ads" else row["spend"]
            told = (("spend", row["currency"], spend), ("impressions", "", row["impressions"]))
            for metric, currency, value in (*told, ("clicks", "", row["clicks"])):
                key = source, day, metric, currency, streams["figures"], day
                sums[key] = total((sums[key], Decimal(value)))
        for row in world[f"{source}/{streams['claims']}"]:  # a day of no declared claims tells so
            key = source, row["date_day"]
            sums[*key, "conversions", "", streams["claims"], row["date_day"]] += 0
            sums[*key, "conversions_value", row["currency"], streams["claims"], row["date_day"]] += 0
    currencies = {row["account_id"]: row["currency"] for row in adverts.ad_days(world)}
    for row in adverts.claims(world):
        if row["is_declared"]:
            source, day, stream = row["source"], row["date_day"], STREAMS[row["source"]]["claims"]
            currency = currencies[row["account_id"]]
            told = (("conversions", "", row["conversions"]), ("conversions_value", currency, row["value_local"]))
            for metric, unit, value in told:
                key = source, day, metric, unit, stream, day
                sums[key] = total((sums[key], value))
    return sums.items()


def _of_orders(world: World):
    sums: dict[tuple, Decimal] = defaultdict(lambda: NOUGHT)
    for row in orders.orders(world):
        key = row["source"], row["date_day"]
        rest = "orders", world.asked.last
        money = *key, "net_revenue", row["currency"], *rest
        sums[money] = total((sums[money], row["net_local"]))
        if not row["is_credit_note"]:
            sums[*key, "orders", "", *rest] += 1
    return [(key, value) for key, value in sums.items() if value]  # nothing is no change
