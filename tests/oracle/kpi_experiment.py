"""kpi_experiment (docs/planning.md): outcomes one person at a time, tests by SciPy on the single values."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from decimal import Decimal
from math import sqrt
from statistics import NormalDist

from scipy import stats

from . import crm, orders, people
from .money import quotient, rounded, total
from .reading import Row, World, grouped

METRICS = ("order_rate", "lead_rate", "revenue_per_person")
DIGITS = 12  # of p-values and of the interval's ends
LEAST_OF_A_KIND, LEAST_PERSONS = 5, 30


def kpi_experiment(world: World) -> list[Row]:
    seen = [row for row in world["files/experiments"] if world.asked.day(row["exposed_at"]) <= world.asked.last]
    return [row for (name,), rows in grouped(seen, "experiment").items() for row in _experiment(world, name, rows)]


def _experiment(world: World, name: str, rows: list[Row]) -> list[Row]:
    groups = people.persons(world)
    seen: dict[str, dict[str, datetime]] = defaultdict(dict)  # person -> variant -> first seen
    unmatched: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        number = row["person_id"]
        names = f"customer:{number}", f"contact:hubspot:{people.survivors(world).get(number, number)}"
        known = next((name for name in names if name in groups), None)
        if known is None:
            unmatched[row["variant"]].add(number)
        else:
            variants = seen[groups.find(known)]
            variants[row["variant"]] = min(row["exposed_at"], variants.get(row["variant"], row["exposed_at"]))
    variants = sorted({row["variant"] for row in rows})
    control = next((one for one in variants if one.lower() == "control"), variants[0])
    arms = {one: {who: told[one] for who, told in seen.items() if set(told) == {one}} for one in variants}
    spoilt = {one: sum(one in told and len(told) > 1 for told in seen.values()) for one in variants}
    sizes = [len(arm) for arm in arms.values()]
    ratio = round(float(stats.chisquare(sizes).pvalue), DIGITS) if len(sizes) > 1 and any(sizes) else None
    end = datetime.combine(world.asked.last + timedelta(1), time(), world.asked.zone)
    window = timedelta(world.asked.told["experiment_window_days"])
    common = {
        "experiment": name, "date_day": world.asked.last, "sample_ratio_p_value": ratio,
        "is_complete": None,
    }  # fmt: skip
    if first_seen := [at for arm in arms.values() for at in arm.values()]:
        common["is_complete"] = max(first_seen) + window <= end
    found = []
    for metric in METRICS:
        values = {one: [_value(world, metric, who, at, window) for who, at in arm.items()] for one, arm in arms.items()}
        for one in variants:
            row = _arm(metric, values[one], values[control], one == control)
            more = {"variant": one, "unmatched_ids": len(unmatched[one]), "contaminated_persons": spoilt[one]}
            found.append({**common, **row, **more})
    return found


def _value(world: World, metric: str, who: str, seen: datetime, window: timedelta) -> Decimal:
    """What a person did from the first exposure until the window's end, which is not in it."""
    if metric == "lead_rate":
        times = [row["lead_at"] for row in crm.contacts(world) if row["person"] == who and row["lead_at"]]
        return Decimal(any(seen <= at < seen + window for at in times))
    within = [row for row in orders.orders(world) if row["person"] == who and seen <= row["ordered_at"] < seen + window]
    if metric == "order_rate":
        return Decimal(any(not row["is_cancelled"] and not row["is_credit_note"] for row in within))
    return rounded(total(row["net"] for row in within), 6)


def _arm(metric: str, values: list[Decimal], control: list[Decimal], is_control: bool) -> Row:
    is_rate = metric != "revenue_per_person"
    rate, other = quotient(total(values), len(values)), quotient(total(control), len(control))
    row: Row = {
        "metric": metric, "is_control": is_control, "test": "two_proportion_z" if is_rate else "welch_t",
        "exposures": len(values), "conversions": sum(value != 0 for value in values), "total": total(values),
        "rate": rate, "control_rate": other, "difference": None, "difference_low": None, "difference_high": None,
        "uplift": None, "p_value": None, "is_small_sample": None,
    }  # fmt: skip
    if not is_control:
        row["is_small_sample"] = True if values or control or not is_rate else None
    if not is_control and values and control:
        row["difference"] = rate - other
        row["uplift"] = row["difference"] / other if other else None
        row |= _two_proportions(values, control) if is_rate else _welch(values, control)
    return row


def _two_proportions(values: list[Decimal], control: list[Decimal]) -> Row:
    counts, sizes = [int(total(values)), int(total(control))], [len(values), len(control)]
    rates = [count / size for count, size in zip(counts, sizes, strict=True)]
    pooled = sum(counts) / sum(sizes)
    small = any(size * share < LEAST_OF_A_KIND for size in sizes for share in (pooled, 1 - pooled))
    if pooled in (0, 1):
        return {"is_small_sample": small}
    score = (rates[0] - rates[1]) / sqrt(pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]))
    apart = sqrt(sum(rate * (1 - rate) / size for rate, size in zip(rates, sizes, strict=True)))
    reach = NormalDist().inv_cdf(0.975) * apart
    p_value = 2 * NormalDist().cdf(-abs(score))
    return _told(rates[0] - rates[1] - reach, rates[0] - rates[1] + reach, p_value) | {"is_small_sample": small}


def _welch(values: list[Decimal], control: list[Decimal]) -> Row:
    one, other = ([float(value) for value in arm] for arm in (values, control))
    small = min(len(one), len(other)) < LEAST_PERSONS
    if len(set(one)) < 2 and len(set(other)) < 2:
        return {"is_small_sample": small}
    result = stats.ttest_ind(one, other, equal_var=False)
    ends = result.confidence_interval(0.95)
    return _told(ends.low, ends.high, result.pvalue) | {"is_small_sample": small}


def _told(low: float, high: float, p_value: float) -> Row:
    names = ("difference_low", "difference_high", "p_value")
    return {name: round(float(value), DIGITS) for name, value in zip(names, (low, high, p_value), strict=True)}
