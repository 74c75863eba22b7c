"""Randomness: fresh in every process, the same for the same seed."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from tests.lab.support import body, run

_DRAWS = {
    "random": "random.random()",
    "uniform": "random.uniform(0, 1)",
    "own generator": "random.Random().random()",
    "reseeded": "(random.seed(), random.random())[1]",
    "system": "random.SystemRandom().random()",
    "secrets": "secrets.randbelow(10 ** 15)",
    "token": "secrets.token_hex(8)",
    "urandom": "list(os.urandom(8))",
    "uuid4": "str(uuid.uuid4())",
    "subclass": "Mine().random()",
    "shuffled": "random.sample(range(10 ** 6), 5)",
}


def _draw(what: str, seed: str) -> Any:
    head = "import os, random, secrets, uuid\nclass Mine(random.Random): pass\n"
    return run(head + body(f"return [{what} for _ in range(3)]"), seed=seed).result


@pytest.mark.parametrize("source", _DRAWS)
def test_every_source_repeats_for_its_seed_only(source: str) -> None:
    """Draws repeat with the lab's seed, differ with another, and go on within one process."""
    what = _DRAWS[source]
    assert _draw(what, "a") == _draw(what, "a")
    assert _draw(what, "a") != _draw(what, "b")
    if source != "shuffled":
        assert len({str(one) for one in _draw(what, "a")}) == 3


def test_own_seeds_stay_as_they_are() -> None:
    """A generator with a seed of its own draws what it always draws."""
    code = "import random\n" + body(
        "random.seed(5)\nreturn [random.random(), random.Random('x').random()]"
    )
    assert run(code).result == [random.Random(5).random(), random.Random("x").random()]


def test_the_process_has_its_entropy_back() -> None:
    """After a lab, `os.urandom` and new generators are the system's again."""
    real = os.urandom
    drawn = []
    for _ in range(2):
        run(body("pass"), seed="same")
        drawn.append(random.Random().random())
    assert os.urandom is real
    assert drawn[0] != drawn[1]
