"""kpi_claims_daily: what platforms claim, beside what is true of them."""

from collections import defaultdict

from . import adverts, kpi_daily
from .money import NOUGHT, quotient, total
from .reading import Row, World


def kpi_claims_daily(world: World) -> list[Row]:
    told: dict[tuple, list] = defaultdict(lambda: [NOUGHT, NOUGHT])
    for row in adverts.claims(world):
        if world.asked.is_kpi_day(row["date_day"]):
            kind = row["conversion_type"], row["attribution_window"], row["is_declared"]
            sums = told[row["date_day"], row["source"], row["platform"], *kind]
            sums[0], sums[1] = total((sums[0], row["conversions"])), total((sums[1], row["value"]))
    truth = _truth(world)
    for day, source, platform in truth:
        claim = world.asked.told["declared_claims"][source]
        told[day, source, platform, claim["conversion_type"], claim["attribution_window"], True]  # there all the same
    return [_row(world, key, *sums, truth) for key, sums in told.items()]


def _row(world: World, key: tuple, count, value, truth: dict) -> Row:
    day, source, platform, kind, window, is_declared = key
    row: Row = {
        "date_day": day, "source": source, "platform": platform, "conversion_type": kind, "attribution_window": window,
        "is_declared": is_declared, "claimed_conversions": count, "claimed_value": value, "truth": None,
        "true_conversions": None, "true_value": None, "spend": None,
    }  # fmt: skip
    if is_declared:
        true = truth[day, source, platform]
        row["truth"] = "leads" if "lead" in kind else "orders" if "purchase" in kind else None
        row["spend"] = true["spend"]
        if row["truth"]:
            row["true_conversions"] = true[row["truth"]]
        if row["truth"] == "orders":
            row["true_value"] = true["net_revenue"]
    row["overclaim_ratio"] = quotient(row["claimed_conversions"], row["true_conversions"])
    row["roas"] = quotient(row["true_value"], row["spend"])
    row["roas_platform"] = quotient(row["claimed_value"], row["spend"])
    return row


def _truth(world: World) -> dict[tuple, dict]:
    """By day and claiming platform: what its campaigns brought and cost, where anything happened."""
    found: dict[tuple, dict] = defaultdict(lambda: defaultdict(lambda: NOUGHT))
    for (day, _channel, place), cell in kpi_daily.cells(world).items():
        if place[:2] in adverts.claiming(world):
            sums = found[day, *place[:2]]
            for name in ("spend", "orders", "leads", "net_revenue"):
                sums[name] = total((sums[name], cell.get(name, NOUGHT)))
    return found
