"""Where the wait before a retry is computed, and its random part drawn."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from grader.course.where.queues import STARTS
from grader.course.where.view import Places, Rule, View, called


def _sleeps(view: View) -> list[ast.Call]:
    return [call for call in view.calls({"sleep"}) if view.function_of(call) != "run_pipeline"]


def _wait(view: View) -> Places:
    """Where the wait is computed: at the only sleep, or where its argument comes from."""
    sleeps = _sleeps(view)
    if len(sleeps) != 1 or not sleeps[0].args:
        return sleeps
    return [view.origin(sleeps[0].args[0]) or sleeps[0]]


def _wait_without_draw(view: View) -> Places:
    return [] if _draws(view) else _sleeps(view)


def _sleep_in_a_task(view: View) -> Places:
    for call in view.calls(STARTS):
        if any(called(argument) == "sleep" for argument in call.args):
            yield call


def _blocking_sleep(view: View) -> Places:
    return [call for call in view.calls({"sleep"}) if view.is_of(call, "time")]


def _puts_back(view: View) -> Places:
    for node in view.nodes(ast.Attribute):
        if node.attr in ("put", "put_nowait") and view.function_of(node) == "consumer":
            yield node


__all__ = ["RULES"]

_SKEWED = {"triangular", "gauss", "betavariate", "expovariate", "normalvariate"}
_STEPPED = {"randint", "randrange", "choice", "choices"}
_BYTES = {"randbytes", "getrandbits", "token_bytes", "randbelow", "urandom"}
_DRAWS = {"uniform", "random"} | _SKEWED | _STEPPED | _BYTES


def _draws(view: View) -> list[ast.Call]:
    return list(view.calls(_DRAWS))


def _stepped_draws(view: View) -> Places:
    cycles = list(view.calls({"cycle"}))
    return cycles or [call for call in _draws(view) if called(call) in _STEPPED]


def _uneven_draws(view: View) -> Places:
    draws = _draws(view)
    return [call for call in draws if called(call) in _SKEWED] or draws


def _draws_before_the_tries(view: View) -> Places:
    """Draws that are made for a consumer or for an item, not for a retry."""
    draws = _draws(view)
    once = all(view.function_of(d) == "consumer" and len(view.rounds(d)) < 2 for d in draws)
    return draws if once else []


def _draws_at_import(view: View) -> Places:
    draws = _draws(view)
    return draws if all(view.at_import(draw) for draw in draws) else []


def _condition_of_draw(view: View) -> Places:
    draws = _draws(view)
    return view.around(draws[0], ast.If)[:1] if len(draws) == 1 else []


def _seedings(view: View) -> Places:
    return [call for call in view.calls({"seed", "Random"}) if call.args]


def _formulas(view: View) -> Places:
    """What stands in for a draw: the next of a count, or a hash."""
    return [] if _draws(view) else view.calls({"next", "hash"})


RULES: Mapping[str, Rule] = {
    "sleeps-in-ex2": _sleeps,
    "sleep-not-awaited": _sleep_in_a_task,
    "blocks-the-loop": _blocking_sleep,
    "item-put-back": _puts_back,
    "exponent-from-totals": _wait,
    "jitter-not-random": _wait_without_draw,
    "jitter-not-uniform": _uneven_draws,
    "jitter-window-too-small": _draws,
    "jitter-of-base-delay": _draws,
    "jitter-too-coarse": _stepped_draws,
    "jitter-cycled-list": _stepped_draws,
    "jitter-on-first-only": _condition_of_draw,
    "jitter-once-per-item": _draws_before_the_tries,
    "jitter-once-per-consumer": _draws_before_the_tries,
    "jitter-shared-by-all": _draws_at_import,
    "jitter-from-counter": _formulas,
    "jitter-from-hash": _formulas,
    "jitter-fixed-seed": _seedings,
    "seeded-in-step": _seedings,
} | dict.fromkeys(
    (
        "wrong-pause",
        "linear-backoff",
        "constant-delay",
        "other-growth",
        "pause-rounded",
        "wait-measured-from-start",
        "backoff-one-step-ahead",
        "backoff-one-step-behind",
        "power-of-delay",
        "forgets-delay",
    ),
    _wait,
)
