"""Seeded chance. Every draw comes from a generator named by words, so that no part disturbs another."""

import math
from random import Random


def generator(*words: object) -> Random:
    """A generator that depends on the words alone: the same on every machine and in every process."""
    return Random("/".join(str(word) for word in words))


def poisson(rng: Random, mean: float) -> int:
    if mean <= 0:
        return 0
    if mean > 30:  # the bell is close enough there, and costs the same for any mean
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def pick(rng: Random, weighted: dict) -> object:
    """One key of `weighted`, by its weight."""
    return rng.choices(list(weighted), list(weighted.values()))[0]
