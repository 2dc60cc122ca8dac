"""A first-order chain over channels, solved by eliminating one state after the other in whole fractions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

START, WON, LOST = "(start)", "(conversion)", "(null)"
Chain = dict[str, dict[str, Fraction]]


def removal_effects(converted: Iterable[list[str]], unconverted: Iterable[list[str]]) -> Iterator[tuple[str, Fraction]]:
    """Of each channel the share of the conversions that would be lost without it."""
    steps: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for paths, end in ((converted, WON), (unconverted, LOST)):
        for path in paths:
            states = [START, *path, end]
            for here, there in pairwise(states):
                steps[here][there] += 1
    chain = {
        here: {there: Fraction(count, sum(counts.values())) for there, count in counts.items()}
        for here, counts in steps.items()
    }
    whole = _arrives(chain, without=None)
    for channel in sorted(chain.keys() - {START}):
        yield channel, 1 - _arrives(chain, without=channel) / whole if whole else Fraction(0)


def _arrives(chain: Chain, without: str | None) -> Fraction:
    """How likely the start ends in a conversion, where every step into `without` is lost."""
    left = {here: dict(there) for here, there in chain.items() if here != without}
    for state in sorted(left.keys() - {START}):
        onward = left.pop(state)
        stays = onward.pop(state, Fraction(0))
        for others in left.values():
            if weight := others.pop(state, Fraction(0)):
                for there, share in onward.items():
                    others[there] = others.get(there, Fraction(0)) + weight * share / (1 - stays)
    onward = left.get(START, {})
    return onward.get(WON, Fraction(0))
