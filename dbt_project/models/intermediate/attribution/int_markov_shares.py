"""Channels' shares of conversions by the removal effect of a first-order Markov chain.

Anderl, Becker, von Wangenheim and Schumann 2016, "Mapping the customer journey: Lessons learned from graph-based
online attribution modeling", International Journal of Research in Marketing 33(3), 457-474
(https://doi.org/10.1016/j.ijresmar.2016.03.001): states are (start), the channels, (conversion) and (null); a
channel's removal effect is the share of the probability of reaching (conversion) that is lost when whoever would
step into that channel goes to (null) instead.

The systems of equations have as many unknowns as there are channels. What comes out is rounded to 9 digits, where
the last bits of a solver no longer show, and channels are in the order of their names.
"""

from decimal import Decimal

import numpy as np
import pyarrow as pa

START, CONVERSION = "(start)", "(conversion)"
DIGITS = Decimal("0.000000001")
SCHEMA = pa.schema(
    [
        ("conversion_type", pa.string()),
        ("channel", pa.string()),
        ("removal_effect", pa.decimal128(10, 9)),
        ("share", pa.decimal128(10, 9)),
    ]
)


def model(dbt, session):
    counts = {}
    for step in dbt.ref("int_markov_transitions").to_arrow_table().to_pylist():
        counts.setdefault(step["conversion_type"], {})[step["from_state"], step["to_state"]] = step["transitions"]
    rows = []
    for conversion_type in sorted(counts):
        effects = removal_effects(counts[conversion_type])
        found = zip(effects, effects.values(), shares(list(effects.values())), strict=True)
        rows += [dict(zip(SCHEMA.names, (conversion_type, *values), strict=True)) for values in found]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def removal_effects(counts: dict[tuple[str, str], int]) -> dict[str, Decimal]:
    """Counts of steps (from, to) -> removal effect of each channel; empty where nothing was converted."""
    channels = sorted({state for state, _ in counts} - {START})
    reached = _conversion_probability(counts, channels)
    if not reached:
        return {}
    lost = {
        channel: 1 - _conversion_probability(counts, [other for other in channels if other != channel]) / reached
        for channel in channels
    }
    return {channel: Decimal(repr(effect)).quantize(DIGITS) for channel, effect in lost.items()}


def shares(effects: list[Decimal]) -> list[Decimal]:
    """Each effect over their sum, to 9 digits; the last that is not zero takes the rest."""
    total = sum(effects)
    found = [(effect / total).quantize(DIGITS) for effect in effects]
    last = max((number for number, effect in enumerate(effects) if effect), default=None)
    if last is not None:
        found[last] = 1 - sum(found[:last])
    return found


def _conversion_probability(counts: dict[tuple[str, str], int], channels: list[str]) -> float:
    """Probability of reaching the conversion from the start over these channels alone: x = Qx + r, solved."""
    states = [START, *channels]
    number = {state: position for position, state in enumerate(states)}
    leaving = dict.fromkeys(states, 0)
    for (origin, _), count in counts.items():
        if origin in leaving:
            leaving[origin] += count
    steps, converting = np.zeros((len(states), len(states))), np.zeros(len(states))
    for (origin, target), count in counts.items():
        if origin in number and target in number:
            steps[number[origin], number[target]] = count / leaving[origin]
        elif origin in number and target == CONVERSION:
            converting[number[origin]] = count / leaving[origin]
    return float(np.linalg.solve(np.eye(len(states)) - steps, converting)[0])
