"""Finds where the wait before a retry is computed, and its random part drawn."""

from __future__ import annotations

import ast

from grader.course.where.queues import STARTS
from grader.course.where.view import Places, View, called


def sleeps(view: View) -> list[ast.Call]:
    return [call for call in view.calls({"sleep"}) if view.function_of(call) != "run_pipeline"]


def wait(view: View) -> Places:
    """Where the wait is computed: where the only sleep's argument comes from, else at the sleep."""
    found = sleeps(view)
    if len(found) != 1 or not found[0].args:
        return found
    return [view.origin(found[0].args[0]) or found[0]]


def wait_without_draw(view: View) -> Places:
    return [] if draws(view) else sleeps(view)


def sleep_in_a_task(view: View) -> Places:
    for call in view.calls(STARTS):
        if any(called(argument) == "sleep" for argument in call.args):
            yield call


def blocking_sleep(view: View) -> Places:
    return [call for call in view.calls({"sleep"}) if view.is_of(call, "time")]


def puts_back(view: View) -> Places:
    for node in view.nodes(ast.Attribute):
        if node.attr in ("put", "put_nowait") and view.function_of(node) == "consumer":
            yield node


__all__ = [
    "blocking_sleep",
    "condition_of_draw",
    "draws",
    "draws_at_import",
    "draws_before_the_tries",
    "formulas",
    "puts_back",
    "seedings",
    "sleep_in_a_task",
    "sleeps",
    "stepped_draws",
    "uneven_draws",
    "wait",
    "wait_without_draw",
]

_SKEWED = {"triangular", "gauss", "betavariate", "expovariate", "normalvariate"}
_STEPPED = {"randint", "randrange", "choice", "choices"}
_BYTES = {"randbytes", "getrandbits", "token_bytes", "randbelow", "urandom"}
_DRAWS = {"uniform", "random"} | _SKEWED | _STEPPED | _BYTES


def draws(view: View) -> list[ast.Call]:
    return list(view.calls(_DRAWS))


def stepped_draws(view: View) -> Places:
    cycles = list(view.calls({"cycle"}))
    return cycles or [call for call in draws(view) if called(call) in _STEPPED]


def uneven_draws(view: View) -> Places:
    found = draws(view)
    return [call for call in found if called(call) in _SKEWED] or found


def draws_before_the_tries(view: View) -> Places:
    """Draws made once per consumer or per item, not per retry."""
    found = draws(view)
    once = all(view.function_of(d) == "consumer" and len(view.rounds(d)) < 2 for d in found)
    return found if once else []


def draws_at_import(view: View) -> Places:
    found = draws(view)
    return found if all(view.at_import(draw) for draw in found) else []


def condition_of_draw(view: View) -> Places:
    found = draws(view)
    return view.around(found[0], ast.If)[:1] if len(found) == 1 else []


def seedings(view: View) -> Places:
    return [call for call in view.calls({"seed", "Random"}) if call.args]


def formulas(view: View) -> Places:
    """Substitutes for a draw: the next value of a counter, or a hash."""
    return [] if draws(view) else view.calls({"next", "hash"})
