"""Says in words what a script plays: all that decides what the learner's code will do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from grader.script import ALWAYS, Action, Error, Plan, Rule, Script, Service

__all__ = ["described"]

_MANY = {2: "every 2nd", 3: "every 3rd"}


def described(script: Script) -> list[str]:
    """Return sentences on a script's services, times, keys and queues; what is usual is left out."""
    several = len(script.services) > 1
    found = [line for one in script.services for line in _service(script, one, several=several)]
    return [*found, *_sources(script), *_keys(script), *_queues(script), *_times(script)]


def _name(script: Script, item: int) -> str:
    return str(script.items[item])


# -- services --------------------------------------------------------------------------------------


def _service(script: Script, service: Service, *, several: bool) -> Iterator[str]:
    which = f"A try of {service.name}" if several else "A try"
    plans = [_not_overruled(service, n, plan) for n, plan in enumerate(service.plans)]
    rows = [f"{_name(script, n)}: {_plan(plan)}" for n, plan in enumerate(plans)]
    if rows:
        yield f"{which} takes, by item: {'; '.join(rows)}."
    fails = any(plan.fails for plan in plans) or any(r.fails or r.lost for r in service.rules)
    if service.failing is not None and (fails or service.breaks):
        yield f"{which} that fails raises {_error(service.failing)}."
    alike: dict[str, list[str]] = {}
    for rule in service.rules:
        tries = _which(script, rule, service.name if several else "")
        alike.setdefault(_does(rule), []).append(tries)
    for does, which_ones in alike.items():
        yield f"{_sentence(', '.join(which_ones))}{':' if len(which_ones) > 1 else ''} {does}."
    for at in service.breaks:
        yield f"At {at:.3f} s all tries{f' of {service.name}' if several else ''} that run fail."
    if service.cleanup:
        yield f"{which} that is cancelled needs {service.cleanup:.3f} s to clean up."


def _not_overruled(service: Service, item: int, plan: Plan) -> Plan:
    """Return an item's plan without the failures that never come, as a rule decides those tries."""
    for rule in service.rules:
        always = rule.since <= 0 and rule.until == math.inf and rule.every == 1
        decides = rule.seconds == math.inf or rule.answers or rule.error is not None
        covers = plan.fails != ALWAYS and rule.first == 1 and (rule.last or math.inf) >= plan.fails
        if always and decides and covers and (rule.items is None or item in rule.items):
            return plan._replace(fails=0)
    return plan


def _plan(plan: Plan) -> str:
    words = f"{plan.seconds:.3f} s"
    if plan.fails == ALWAYS:
        return f"{words} (every try fails)"
    fails = {0: "", 1: "the first try fails"}.get(plan.fails, f"the first {plan.fails} tries fail")
    if plan.error is not None:
        raises = f"raises {_error(plan.error)}"
        fails = f"{fails}, then one {raises}" if fails else raises
    return f"{words} ({fails})" if fails else words


def _error(error: Error) -> str:
    if isinstance(error, str):
        return f"a subclass of {error[1:]}" if error.startswith("<") else error
    values = [*map(repr, error.arguments), *(f"{k}={v!r}" for k, v in error.options.items())]
    made = f"{error.name}({', '.join(values)})" if values else error.name
    return f"a subclass of {made}" if error.below else made


def _which(script: Script, rule: Rule, service: str) -> str:
    """Say which tries a rule is for: `try 2 of item 417 that begins from 0.200 s to 1.000 s`."""
    number = f"try {rule.first}"
    if rule.last is None:
        number = "a try" if rule.first == 1 else f"each try from number {rule.first} on"
    elif rule.last > rule.first:
        number = f"each of tries {rule.first} to {rule.last}"
    if rule.every > 1:
        number = f"{_MANY.get(rule.every, f'every {rule.every}th')} call"
    words = f"{number} of {service}" if service else number
    if rule.items is not None:
        words += f" of item {', '.join(_name(script, item) for item in rule.items)}"
    if rule.since > 0 or rule.until < math.inf:
        until = "" if rule.until == math.inf else f" to {rule.until:.3f} s"
        words += f" that begins from {rule.since:.3f} s{until or ' on'}"
    return words


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _does(rule: Rule) -> str:
    """Say what becomes of such a try."""
    does = ""
    if rule.answers:
        does = "succeeds"
    elif rule.error is not None:
        does = f"raises {_error(rule.error)}"
    elif rule.lost:
        does = "does its work, and fails: its answer is lost"
    elif rule.fails:
        does = "fails"
    parts = [does] if does else []
    if rule.seconds == math.inf:
        parts = ["hangs until it is cancelled"]
    elif rule.seconds is not None:
        parts.append(f"takes {rule.seconds:.3f} s")
    if rule.slower != 1:
        parts.append(f"takes {rule.slower:.3g} times as long")
    if rule.cleanup is not None:
        parts.append(f"needs {rule.cleanup:.3f} s to clean up when it is cancelled")
    return ", and ".join(parts) or "goes as planned"


# -- what else there is ----------------------------------------------------------------------------


def _sources(script: Script) -> Iterator[str]:
    for source in script.sources:
        if source.times is not None:
            places = range(source.first, source.last)
            rows = zip(places, source.times, strict=False)
            when = "; ".join(f"{_name(script, item)}: {at:.3f} s" for item, at in rows)
            yield f"The items come one by one, at: {when}."
        if source.error:
            yield f"After its last item the source raises {source.error}."


def _keys(script: Script) -> Iterator[str]:
    if script.keys:
        yield f"The items' keys, in order: {', '.join(map(repr, script.keys))}."


def _queues(script: Script) -> Iterator[str]:
    for number, queue in enumerate(script.queues):
        if queue.maxsize:
            yield f"{queue.name} has room for {queue.maxsize}."
        for reader in (one for one in script.readers if one.queue == number):
            rest = f", and rests {reader.every:.3f} s after each" if reader.every else ""
            yield f"From {reader.since:.3f} s on somebody reads {queue.name}{rest}."


# -- what happens when -----------------------------------------------------------------------------


def _times(script: Script) -> Iterator[str]:
    later = [one for one in script.actions if one.do == "put" and one.at > 0]
    if later:
        yield f"Items that come later: {_puts(script, later)}."
    for call in script.calls:
        if call.at > 0:
            yield f"{call.task or call.function} begins at {call.at:.3f} s."
    for action in script.actions:
        if action.do == "set":
            yield f"{script.events[action.what[0]]} is set at {action.at:.3f} s."
        elif action.do == "cancel":
            calls = [script.calls[one] for one in action.what] or script.calls
            who = ", ".join(one.task or one.function for one in calls)
            yield f"At {action.at:.3f} s {'they are' if len(calls) > 1 else 'it is'} cancelled: {who}."


def _puts(script: Script, some: Sequence[Action]) -> str:
    return "; ".join(f"{_name(script, one.what[1])} at {one.at:.3f} s" for one in some)
