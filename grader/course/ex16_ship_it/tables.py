"""Reads a weather from a table, and says what is wrong with one.

A weather's table, as it stands in a TOML file (times in seconds; the first spell that fits counts):

    name = "a bad lunch hour"
    length = 200                    # items
    answers = [0.05, 0.12]          # how long a call usually takes
    stop = 4.0                      # told to stop then; without it: never

    [[spells]]
    from = 1.0
    to = 3.0                        # without it: to the end
    does = "fails"                  # answers, fails, raises, refuses, hangs, loses or breaks
    every = 2                       # and of Behaviour: items, seconds, slower, error, retry_after

    [options]                       # of run_service
    consumers = 8
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from grader.course.api import LONGEST, MOST_ATTEMPTS, MOST_CONSUMERS, MOST_WAITING, Draw
from grader.course.ex16_ship_it.shift import DOES, Behaviour, Shift, Weather, is_transient
from grader.course.ex16_ship_it.weather import DEFAULTS, shift_in

__all__ = ["Given", "weather_of"]

MOST_IN_A_SHIFT = 1000  # items
MOST_SPELLS = 50
NEAR = 0.05  # so near to the break-even, relative to it, chance decides
MOST_CALLS = 10_000  # looked at for a failure rate
TOP = ("name", "length", "answers", "spells", "options", "stop", "cleanup")
SPELL = ("from", "to", "does", "every", "items", "seconds", "slower", "error", "retry_after")
WHOLE = {
    "consumers": (1, MOST_CONSUMERS),
    "maxsize": (1, MOST_WAITING),
    "attempts": (1, MOST_ATTEMPTS),
}
LEAST = {"budget": 1.0, "backoff": 1.0, "timeout": 0.001, "max_delay": 0.001, "delay": 0.0}


@dataclass(frozen=True)
class Given:
    """A weather of somebody else's: what it is like, the options with it, and when it is told to stop."""

    weather: Weather
    options: Mapping[str, Any] = field(default_factory=dict)
    stop: float | None = None
    cleanup: float = 0.0

    def shift(self, draw: Draw) -> Shift:
        """The run of the service in it; no spell begins at the instant at which a call does."""
        spells = tuple(_nudged(draw, spell) for spell in self.weather.spells)
        stop = None if self.stop is None else self.stop + draw.seconds(0.0001, 0.0009)
        weather = replace(self.weather, spells=spells)
        return shift_in(weather, draw, self.options, stop=stop, cleanup=self.cleanup)


def _nudged(draw: Draw, spell: tuple[float, float, Behaviour]) -> tuple[float, float, Behaviour]:
    since, until, behaviour = spell
    if behaviour.seconds is not None:
        seconds = behaviour.seconds + draw.seconds(0.0, 0.0009)
        behaviour = replace(behaviour, seconds=seconds)
    return since + (draw.seconds(0.0, 0.0009) if since else 0.0), until, behaviour


def weather_of(table: Mapping[str, Any]) -> Given:
    """The weather that a parsed table describes.

    Raises `ValueError`, which says what is wrong with the table, and what to write instead.
    """
    _known(table, TOP, "A weather")
    name, length = table.get("name"), table.get("length")
    if not isinstance(name, str) or not name.strip() or len(name) > 40:
        raise ValueError(f"`name` is a text of 1 to 40 characters, and not {name!r:.40}.")
    if "length" not in table:
        raise ValueError("`length` is missing: write how many items there are, as `length = 200`.")
    items = _whole(length, "`length`, the number of items,", 1, MOST_IN_A_SHIFT)
    answers = table.get("answers", [0.05, 0.12])
    if not isinstance(answers, list) or len(answers) != 2:
        raise ValueError(
            "`answers` is a list of two times in seconds, as `answers = [0.05, 0.12]`."
        )
    low, high = (_number(one, "A time in `answers`", 0.001, LONGEST) for one in answers)
    if low >= high:
        raise ValueError(f"`answers` is [{low:g}, {high:g}]: write the shorter time first.")
    options = _options(table.get("options", {}))
    rows = table.get("spells", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("`spells` are tables: begin each with a line [[spells]].")
    if len(rows) > MOST_SPELLS:
        raise ValueError(f"There are {len(rows)} spells: write at most {MOST_SPELLS}.")
    settings = {**DEFAULTS, **options}
    spells = tuple(_spell(row, n, items, settings) for n, row in enumerate(rows, 1))
    _clear_of_break_even(spells, float(settings["refund"]))
    stop = table.get("stop")
    return Given(
        Weather(name.strip(), items, spells, (low, high)),
        options,
        None if stop is None else _number(stop, "`stop`", 0.0, LONGEST),
        _number(table.get("cleanup", 0.0), "`cleanup`", 0.0, LONGEST),
    )


def _known(table: Mapping[str, Any], names: Iterable[str], what: str) -> None:
    known = list(names)
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1, 0.5)
            instead = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(known)}."
            raise ValueError(f"{what} has no `{key:.40}`. {instead}")


def _number(value: Any, what: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{what} is a number, and not {value!r:.40}.")
    if not least <= value <= most:
        raise ValueError(f"{what} is {value:g}: write a number from {least:g} to {most:g}.")
    return float(value)


def _whole(value: Any, what: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(  # noqa: TRY004 - the only error that a reader of tables raises
            f"{what} is a whole number, and not {value!r:.40}."
        )
    return int(_number(value, what, least, most))


def _options(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise ValueError(  # noqa: TRY004 - as above
            "`options` is a table: write a line [options], and the options below it."
        )
    _known(said, DEFAULTS, "run_service")
    return {
        name: _whole(value, f"`{name}`", *WHOLE[name])
        if name in WHOLE
        else _number(value, f"`{name}`", LEAST.get(name, 0.0), LONGEST)
        for name, value in said.items()
    }


def _spell(
    row: Mapping[str, Any], number: int, length: int, settings: Mapping[str, Any]
) -> tuple[float, float, Behaviour]:
    here = f"Spell {number}"
    _known(row, SPELL, here)
    does = row.get("does")
    if does not in DOES:
        near = get_close_matches(str(does), DOES, 1, 0.5)
        instead = f"Did you mean {near[0]!r}?" if near else f"It is one of {', '.join(DOES)}."
        raise ValueError(f"{here}: `does` is {does!r:.40}. {instead}")
    since, until = _period(row, here)
    said: dict[str, Any] = {}
    if "every" in row:
        said["every"] = _whole(row["every"], f"{here}: `every`", 1, MOST_IN_A_SHIFT)
    if "items" in row:
        said["items"] = _places(row["items"], here, length)
    if "seconds" in row:
        said["seconds"] = _number(row["seconds"], f"{here}: `seconds`", 0.001, LONGEST)
        if abs(said["seconds"] - settings["timeout"]) < 0.002:
            raise ValueError(
                f"{here}: `seconds` is as long as timeout={settings['timeout']:g}. Write a time that is "
                "clearly shorter or longer: otherwise it is open which of the two comes first."
            )
    if "slower" in row:
        said["slower"] = _number(row["slower"], f"{here}: `slower`", 0.001, 1000.0)
    if "retry_after" in row:
        said["retry_after"] = _number(row["retry_after"], f"{here}: `retry_after`", 0.0, LONGEST)
    said |= _error(row, here)
    return since, until, Behaviour(does, **said)


def _period(row: Mapping[str, Any], here: str) -> tuple[float, float]:
    since = _number(row.get("from", 0.0), f"{here}: `from`", 0.0, LONGEST)
    until = math.inf
    if "to" in row:
        until = _number(row["to"], f"{here}: `to`", 0.0, LONGEST)
    if until <= since:
        raise ValueError(f"{here} goes from {since:g} to {until:g} s: `to` comes after `from`.")
    if row["does"] == "breaks" and not since:
        raise ValueError(f"{here} breaks what runs at its beginning: give it a `from` above 0.")
    return since, until


def _error(row: Mapping[str, Any], here: str) -> dict[str, str]:
    error = row.get("error")
    if row["does"] != "raises" and error is None:
        return {}
    if row["does"] != "raises" or not isinstance(error, str) or not is_transient(error):
        raise ValueError(
            f'{here}: `error` is {error!r:.40}. It goes with `does = "raises"`, and names a '
            "TimeoutError or ConnectionError of Python, or a class below them."
        )
    return {"error": error}


def _places(said: Any, here: str, length: int) -> tuple[int, ...]:
    if not isinstance(said, list) or not said:
        raise ValueError(f"{here}: `items` is a list of places, counted from 0, as [3, 7].")
    return tuple(_whole(one, f"{here}: a place in `items`", 0, length - 1) for one in said)


def _clear_of_break_even(spells: Sequence[tuple[float, float, Behaviour]], refund: float) -> None:
    """Raise `ValueError` where failures cost the budget what successes give back: chance decides then."""
    even = refund / (1 + refund)
    for since in sorted({spell[0] for spell in spells}):
        active = [b for low, to, b in spells if low <= since < to and b.items is None]
        rate = _failure_rate([b for b in active if b.does != "breaks"])
        if even and abs(rate - even) <= NEAR * even:
            raise ValueError(
                f"From {since:g} s on a share of {rate:.3f} of the calls fails, which is the budget's "
                f"break-even with refund={refund:g}: refund / (1 + refund) = {even:.3f}. Chance would "
                "decide what is given up on. Change `every` in that spell, or `refund` in [options]."
            )


def _failure_rate(active: Sequence[Behaviour]) -> float:
    period = min(MOST_CALLS, math.lcm(*(b.every for b in active)))
    failing = 0
    for call in range(1, period + 1):
        first = next((b for b in active if not call % b.every), None)
        failing += first is not None and first.does in ("fails", "raises", "hangs", "loses")
    return failing / period
