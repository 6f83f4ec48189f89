# SPDX-License-Identifier: Apache-2.0
"""Figures with the interval in which the truth lies with 95 % confidence."""

from __future__ import annotations

import math
import random  # noqa: TID251 - seeded: the same draws in every run
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec

Z: Final = 1.959963984540054
T = TypeVar("T")

DRAWS: Final = 2_000
SEED: Final = 20_260_101


class Interval(msgspec.Struct, frozen=True):
    """A figure, its bounds, and how many observations it stands on."""

    value: float
    low: float
    high: float
    n: int


def share(count: int, of: int) -> Interval | None:
    """Return a share with its Wilson interval; None where nothing was observed.

    Wilson (1927): it holds near 0 and 1 too, where the plain interval has no width.
    """
    if of == 0:
        return None
    rate, z2 = count / of, Z * Z
    middle = rate + z2 / (2 * of)
    half = Z * math.sqrt(rate * (1 - rate) / of + z2 / (4 * of * of))
    whole = 1 + z2 / of
    return Interval(rate, max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole), of)


def resampled(
    values: Sequence[T], figure: Callable[[Sequence[T]], float], *, draws: int = DRAWS
) -> Interval | None:
    """Return any figure of a sample with its percentile bootstrap interval.

    The draws are the same in every run. None where nothing was observed.
    """
    if not values:
        return None
    rng = random.Random(SEED)  # noqa: S311 - no secret
    found = sorted(figure(rng.choices(values, k=len(values))) for _ in range(draws))
    low, high = found[int(0.025 * draws)], found[min(draws - 1, int(0.975 * draws))]
    return Interval(figure(values), low, high, len(values))
