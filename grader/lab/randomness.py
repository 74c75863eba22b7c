"""Seeded randomness: the learner's code draws the same numbers again for the same seed."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

from grader.lab.patches import Patches

__all__ = ["install"]


def install(patches: Patches, seed: str, seeded_by_hand: Callable[[], None]) -> None:
    """Derive all randomness of this process from `seed`.

    Fresh generators, `SystemRandom`, `secrets`, `uuid4` and `os.urandom` still give new numbers each
    time; processes with different seeds get different ones. A generator that the learner's code seeds
    itself stays as seeded, and `seeded_by_hand` is called.
    """
    entropy = random.Random(f"entropy/{seed}")
    seeded = random.Random.seed

    def urandom(size: int, /) -> bytes:
        return entropy.randbytes(size)

    def seed_afresh(self: random.Random, a: Any = None, version: int = 2) -> None:
        if a is not None:
            seeded_by_hand()
        seeded(self, entropy.getrandbits(256) if a is None else a, version)

    patches.set(os, "urandom", urandom)
    patches.set(random, "_urandom", urandom)  # the source of SystemRandom and secrets
    patches.set(random.Random, "seed", seed_afresh)
    patches.set(random, "seed", random._inst.seed)  # a bound method
    random.seed()
