"""The statistics of jitter: right draws pass, nearly always in one round; wrong ones fail."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from grader.course.api import jitter
from grader.course.ex15_set_dead_letters_aside import drawing
from grader.course.kit.failures import Misconception

DRAWS = 1_700  # of each round
Source = Callable[[random.Random], float]

RIGHT: dict[str, Source] = {
    "uniform": lambda rng: rng.random(),
    "a thousand steps": lambda rng: rng.randrange(1_001) / 1_000,
    "microseconds of 7.5 ms": lambda rng: rng.randrange(7_501) / 7_500,
}
WRONG: dict[str, Source] = {
    "cut at the end by a twentieth": lambda rng: 0.95 * rng.random(),
    "cut at the beginning": lambda rng: 0.05 + 0.95 * rng.random(),
    "a mean that is off by a twentieth": lambda rng: rng.random() ** 0.82,
    "a median that is off": lambda rng: rng.random() * (0.55 if rng.random() < 0.45 else 1.0),
    "steps of a hundredth": lambda rng: rng.randrange(101) / 100,
    "whole milliseconds of 7.5 ms": lambda rng: rng.randrange(8) / 7.5,
    "one in twenty at the end": lambda rng: 1.0 if rng.random() < 0.05 else rng.random(),
    "humped": lambda rng: (rng.random() + rng.random()) / 2,
}


def _judged(source: Source, seed: int) -> tuple[bool, bool]:
    """Whether the draws pass, and whether a second round was needed."""
    rng = random.Random(seed)
    values, rounds = [source(rng) for _ in range(DRAWS)], 0

    async def again() -> list[float]:
        nonlocal rounds
        rounds += 1
        return [source(rng) for _ in range(DRAWS)]

    try:
        jitter.fine_enough(values, "The random part")
        jitter.no_lump(values)
        asyncio.run(jitter.uniform_in_two_rounds(values, again, "The random part"))
    except Misconception:
        return False, False
    return True, rounds > 0


@pytest.mark.proof
@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT)
def test_right_draws_pass(source: Source) -> None:
    """All of them; a second round is needed about once in 200 times, by the derivation."""
    runs = [_judged(source, seed) for seed in range(200)]
    assert all(passed for passed, _ in runs)
    assert sum(again for _, again in runs) <= 4  # of 1 expected


@pytest.mark.parametrize("source", WRONG.values(), ids=WRONG)
def test_wrong_draws_fail(source: Source) -> None:
    """What the contract calls wrong, each time."""
    assert not any(_judged(source, seed)[0] for seed in range(25))


def test_few_draws_of_ex15_are_alike() -> None:
    """By the derivation there: at most half of its draws differ, in a run and in another one."""
    draws = drawing.ITEMS * drawing.RETRIES
    chances = [1.0] + [0.0] * draws  # by the number of different draws
    for _ in range(draws):
        as_before = (chance * place / 100 for place, chance in enumerate(chances))
        others = (chance * (100 - place) / 100 for place, chance in enumerate(chances))
        chances = [a + b for a, b in zip(as_before, [0.0, *others], strict=False)]
    assert sum(chances) == pytest.approx(1.0)
    assert sum(chances[: draws // 2 + 1]) < 1e-8
