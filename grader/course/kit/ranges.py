"""How far the contract's "any" goes: a check plays the ends of these ranges, whatever else it draws.

A limit just below an end would otherwise be found with some seeds only.
"""

from __future__ import annotations

__all__ = [
    "LONGEST",
    "MOST_ATTEMPTS",
    "MOST_CONSUMERS",
    "MOST_ITEMS",
    "MOST_WAITING",
    "NEARLY_LONGEST",
]

MOST_CONSUMERS = 40
MOST_WAITING = 150  # the largest maxsize
MOST_ATTEMPTS = 300
MOST_ITEMS = 1_200  # in one run
LONGEST = 10_800.0  # seconds, three hours: a try, a wait, a pause
NEARLY_LONGEST = (10_770, 10_780)  # seconds: there is room for a little more
