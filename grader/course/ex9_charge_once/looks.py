"""What keys look like: a count, a clock, or draws from so many; told from the keys of many orders.

Looks name a mistake, where keys turned out to be the same. Alone they decide in one case: draws from so
few that some of 1,200 will be the same, and in three runs whose keys differ by a process's number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from grader.course.ex9_charge_once.orders import LONGEST, Order

__all__ = ["addresses", "counted", "numbers_of_processes", "of_a_clock", "possible"]

ENOUGH = 1 << 26
"""So many keys are not too few: 2 of 1,200 are then the same in 1 run of 90."""

PROCESSES = 1 << 22  # the largest number of a process, and one more
GRAM = 3  # characters that stand for a run, at least
NEAR = 5_000  # processes that were started one after the other, on a busy machine
_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])")
_DATE = re.compile(r"20\d\d-[01]\d-[0-3]\d.[0-2]\d|20\d\d[01]\d[0-3]\d.?[0-2]\d[0-5]\d")
_TIME = re.compile(r"(?<!\d)\d{10}(?:\d{3}|\d{6}|\d{9})?(?!\d)")
_SPAN = 4  # a count of so many is within so many times as many numbers


def counted(found: Sequence[Order]) -> bool:
    """Is a number in the keys another each time, and all of them close to each other?"""
    rows = [_DIGITS.findall(str(order.key)) for order in found]
    if len({len(row) for row in rows}) != 1 or any(len(str(order.key)) > 60 for order in found):
        return False
    return any(_is_a_count(column) for column in zip(*rows, strict=True))


def _is_a_count(column: tuple[str, ...]) -> bool:
    numbers = {int(text) for text in column}
    return len(numbers) > 1 and max(numbers) - min(numbers) < _SPAN * len(column)


def addresses(found: Sequence[Order]) -> bool:
    """Has every key a number in it that is like an object's address (48 bits, a multiple of 16)?

    In decimal or in hexadecimal digits.
    """
    texts = [str(order.key) for order in found]
    rows = [
        [*map(int, _DIGITS.findall(one)), *(int(text, 16) for text in _HEX.findall(one))]
        for one in texts
    ]
    return all(
        any(1 << 45 < number < 1 << 48 and not number % 16 for number in row) for row in rows
    )


def of_a_clock(found: Sequence[Order]) -> bool:
    """Has every key a date in it, the seconds since 1970, or the time at which its item was begun?"""
    texts = [str(order.key) for order in found]
    if all(map(_DATE.search, texts)):
        return True
    times = [[int(text) for text in _TIME.findall(one)] for one in texts]
    if all(any(map(_is_of_our_days, row)) for row in times):
        return True
    return _shows_when(found)


def _is_of_our_days(number: int) -> bool:
    """Is it the time of a day from 2020 to 2033, in seconds, or in thousandths of them, or finer?"""
    seconds = number / 10.0 ** (len(str(number)) - 10)
    return 1.577e9 < seconds < 2.0e9


def _shows_when(found: Sequence[Order]) -> bool:
    """Do the keys have the moment in them at which an item was taken, in seconds or finer?"""
    begun = [order.first.start for order in found]
    if len(found) < 3 or max(begun) - min(begun) < 0.05:
        return False
    rows = [re.findall(r"\d+(?:\.\d+)?", str(order.key)) for order in found]
    if len({len(row) for row in rows}) != 1:
        return False
    columns = [[float(text) for text in column] for column in zip(*rows, strict=True)]
    return any(
        all(
            abs(value - start * unit) <= 0.002 * unit
            for value, start in zip(column, begun, strict=True)
        )
        for column in columns
        for unit in (1, 1e3, 1e6, 1e9)
    )


# -- how many there may be --------------------------------------------------------------------


def possible(found: Sequence[Order], other: Sequence[Order] = ()) -> int | None:
    """About how many keys there may be like these; None where they are enough, or nobody can tell.

    found: many orders of one process; other: some of another. Where a part of the keys is the same in
    each process, and another in the other one, it stands for the run, and the rest may be a count.

    Each place of a key has so many characters as were seen there; fifty keys show nearly all of them.
    """
    texts = [str(order.key) for order in found]
    others = [str(order.key) for order in other]
    if len(texts) < 50 or max(map(len, texts)) >= LONGEST or _has_run_id(texts, others):
        return None
    first, last = (_alike([text[::way] for text in texts]) for way in (1, -1))
    middles = [text[first : len(text) - last] for text in texts]
    width = max(map(len, middles))
    columns = zip(*(text.rjust(width, "\0") for text in middles), strict=True)
    space = math.prod(len(set(column)) for column in columns)
    return space if space < ENOUGH else None


def _alike(texts: Sequence[str]) -> int:
    """With how many characters all of them begin."""
    one, other = min(texts), max(texts)
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _has_run_id(texts: Sequence[str], others: Sequence[str]) -> bool:
    """Is a part of the keys the same in all of one process, and in none of the other one?"""
    first = texts[0]
    parts = {first[place : place + GRAM] for place in range(len(first) - GRAM + 1)}
    return bool(others) and any(
        all(part in text for text in texts) and not any(part in text for text in others)
        for part in parts
    )


def numbers_of_processes(runs: Sequence[Sequence[Order]]) -> list[int]:
    """The numbers, one for each run, in which alone the keys of several runs differ.

    Empty where they differ in more, or where the numbers are not those of processes started one after
    the other.
    """
    patterns = [[_DIGITS.split(str(order.key)) for order in run] for run in runs]
    rows = [[_DIGITS.findall(str(order.key)) for order in run] for run in runs]
    if any(pattern != patterns[0] for pattern in patterns[1:]):
        return []
    numbers: set[tuple[int, ...]] = set()
    for keys in zip(*rows, strict=True):  # of the first order of each run, of the second, ...
        for column in zip(*keys, strict=True):
            if len(set(column)) > 1:
                numbers.add(tuple(map(int, column)))
    if len(numbers) != 1:
        return []
    found = [*numbers.pop()]
    near = max(found) < PROCESSES and max(found) - min(found) < NEAR
    return found if near and len(set(found)) == len(found) else []
