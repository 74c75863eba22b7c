"""Solutions turned hostile: right but for a line or two, which the case is about."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TURNED", "Turned"]

_EX9, _EX12 = "ex9_charge_once", "ex12_listen_to_the_service"
_EX13 = "ex13_budget_the_retries"
_EX15, _EX16 = "ex15_set_dead_letters_aside", "ex16_ship_it"


@dataclass(frozen=True)
class Turned:
    """One submission, with the fields of a header.

    swaps: texts of the solution, each with what is there instead.
    """

    slug: str
    kind: str
    exercise: str
    verdict: str
    contract: str
    swaps: tuple[tuple[str, str], ...]

    def of(self, solution: str) -> str:
        """The submission, made of the solution, which holds all that is swapped."""
        for old, new in self.swaps:
            assert old in solution, f"{self.exercise} holds no {old!r}"
            solution = solution.replace(old, new)
        return solution


_FRESH = "key + str(uuid.uuid4())"
_PUT = "await dead_letters.put((item, attempt, error))"
_PUT_16 = "await self.dead_letters.put((item, tries, error))"
_ROOM = "({0}.get_nowait() if {0}.full() else None); "
_KIND = """class Kind(type):
    @property
    def __name__(cls):
        raise SystemExit(0)


class Odd(metaclass=Kind):
    pass


"""
_NAME = """class Text(str):
    def __getitem__(self, _part):
        return [1]


class Name:
    def __str__(self):
        return Text("C")


"""

TURNED = (
    Turned(
        *("key_differs_late", "evidence", _EX9, "reject"),
        "a key for each try, all alike in their first 216 characters",
        (("await charge(item, key=key)", "await charge(item, key=key * 6 + new_key())"),),
    ),
    Turned(
        *("key_differs_late_in_service", "evidence", _EX16, "reject"),
        "a key for each call, all alike in their first 216 characters",
        (("self.call(item, key=key)", f"self.call(item, key=key * 5 + {_FRESH})"),),
    ),
    Turned(
        *("key_differs_beyond_utf8", "evidence", _EX9, "reject"),
        "a key for each try, all alike but for lone surrogates, which UTF-8 cannot hold",
        (
            (
                "await charge(item, key=key)",
                "await charge(item, key=key + chr(0xD800 + random.randrange(1000)))",
            ),
        ),
    ),
    Turned(
        *("key_begins_like_all_others", "evidence", _EX9, "accept"),
        "right, with keys that are all alike in their first 240 characters",
        (("key = new_key()", "key = 'order ' * 40 + new_key()"),),
    ),
    Turned(
        *("letters_taken_out_again", "queue", _EX15, "reject"),
        "takes a dead letter out, and loses it, where there is no room for the next",
        ((_PUT, _ROOM.format("dead_letters") + _PUT),),
    ),
    Turned(
        *("letters_emptied_once_they_are_put", "queue", _EX15, "reject"),
        "puts each dead letter as a list, and empties it before anybody reads it",
        (
            (
                _PUT,
                "letter = [item, attempt, error]; await dead_letters.put(letter); letter.clear()",
            ),
        ),
    ),
    Turned(
        *("letters_that_are_lists", "queue", _EX15, "accept"),
        "right, with dead letters that are lists",
        ((_PUT, "await dead_letters.put([item, attempt, error])"),),
    ),
    Turned(
        *("letters_taken_out_in_service", "queue", _EX16, "reject"),
        "takes a dead letter out, and loses it, where there is no room for the next",
        ((_PUT_16, _ROOM.format("self.dead_letters") + _PUT_16),),
    ),
    Turned(
        *("class_whose_name_ends_it_all", "message", _EX13, "reject"),
        "returns an object of a class whose name, when it is asked for, ends the program",
        (
            ("async def consumer(", _KIND + "async def consumer("),
            ("    return stats\n", "    return {**stats, 'consumed': Odd()}\n"),
        ),
    ),
    Turned(
        *("task_name_that_is_no_text", "message", _EX13, "accept"),
        "right, and names its tasks by a text that is a list when it is cut",
        (
            ("async def consumer(", _NAME + "async def consumer("),
            (
                "            group.create_task(\n",
                "            group.create_task(name=Name(), coro=\n",
            ),
        ),
    ),
    Turned(
        *("debug_mode_is_on", "accident", _EX13, "accept"),
        "right, with the event loop's debug mode, which walks the stack at each task",
        (
            (
                "    shared = RetryBudget",
                "    asyncio.get_running_loop().set_debug(True)\n    shared = RetryBudget",
            ),
        ),
    ),
    Turned(
        *("logs_all_there_is", "accident", _EX13, "accept"),
        "right, and has everything logged: asyncio itself logs, and looks at the stack for it",
        (
            (
                "import asyncio\n",
                "import asyncio\nimport logging\n\nlogging.basicConfig(level=logging.DEBUG)\n",
            ),
        ),
    ),
    Turned(
        *("errors_that_keep_the_stack", "accident", _EX12, "accept"),
        "right, with an exception that notes where it was made",
        (
            ("import asyncio\n", "import asyncio\nimport traceback\n"),
            ("= retry_after\n", "= retry_after\n        self.made_at = traceback.format_stack()\n"),
        ),
    ),
    Turned(
        *("negations_beyond_the_parser", "tree", _EX13, "reject"),
        "a formula that nests more deeply than Python reads, with memory left",
        (('"""Exercise 13', f"x = {'-' * 100_000}1\n" + '"""Exercise 13'),),
    ),
)
