"""Grades a class of hostile submissions, beside as many innocent ones, and prints what came of it.

    python -m tests.hostile [--user plain] [--cases PATTERN] [--extra DIR] [--sample N] ...
    python -m tests.hostile --write DIR

By the public command, as an instructor would: first the innocents alone, then all of them together.
Exits with 1 unless all targets hold. With `--write` it only writes the class, and `verdicts.json`, for
any other grader. `nox -s hostile` runs it, for every user.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.lab.sweep import adopt_orphans
from grader.render.words import short
from tests.hostile.account import MOST_MEMORY, MOST_SECONDS, Account, Finding, account
from tests.hostile.cases import Case, cases_in, chosen, known_cases, spread, write
from tests.hostile.graded import Setting, grade_class
from tests.hostile.innocents import innocents
from tests.hostile.users import as_plain_user

LONGEST_MESSAGE = 160  # characters of a message that is printed
SHOWN = 60  # offenders of a kind


def main(words: Sequence[str]) -> int:
    """Print the account; return 1 unless it is good."""
    options = _options(words)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        cases = _cases(options, listener.getsockname()[1])
        if options.write is not None:
            _write(cases, options.write)
            return 0
        setting = _setting(options)
        adopt_orphans()  # whatever escapes from the grader ends up with us
        count = options.innocents if options.innocents is not None else len(cases)
        found = _grade(_in_places(cases, "h"), _in_places(innocents(count), "i"), setting)
        found = replace(found, left=(*found.left, *_callers(listener)))
    if options.json is not None:
        options.json.write_text(json.dumps(found.data(), indent=1), encoding="utf-8")
    _say(
        f"{len(cases)} hostile, {count} innocent, as {setting}, seed {setting.seed}: {found.took:.0f} s"
    )
    _say(table(found))
    return 0 if found.good else 1


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--user", choices=("oneself", "plain"), default="oneself")
    parser.add_argument(
        "--cases", metavar="PATTERN", default="*", help="slugs or kinds: clock*,leak"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="so many, of all kinds")
    parser.add_argument("--extra", type=Path, metavar="DIR", help="more cases, a folder each")
    parser.add_argument(
        "--innocents", type=int, metavar="N", help="by default as many as the cases"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--no-fork", dest="fork", action="store_false")
    parser.add_argument("--no-bwrap", dest="bwrap", action="store_false")
    parser.add_argument("--processes", type=int, metavar="N", help="as `ulimit -u`")
    parser.add_argument("--memory", type=int, metavar="KB", help="as `ulimit -v`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything, for programs")
    parser.add_argument("--write", type=Path, metavar="DIR", help="only write the class")
    return parser.parse_args(words)


def _cases(options: argparse.Namespace, port: int) -> tuple[Case, ...]:
    cases = chosen(known_cases(port), options.cases)
    if options.sample is not None:
        cases = spread(cases, options.sample)
    if options.extra is not None:
        cases += cases_in(options.extra)
    if not cases:
        sys.exit(f"No case is called {options.cases}.")
    return cases


def _setting(options: argparse.Namespace) -> Setting:
    plain = options.user == "plain"
    if plain and as_plain_user() is None:
        sys.exit("--user plain needs root, and setpriv (util-linux).")
    names = ("jobs", "seed", "fork", "bwrap", "processes", "memory")
    return Setting(plain=plain, **{name: getattr(options, name) for name in names})


def _in_places(cases: Sequence[Case], letter: str) -> tuple[Case, ...]:
    """The same with folders in an order in which the innocent are among the hostile.

    A folder whose name is what the case is about keeps it.
    """
    return tuple(
        case if case.kind == "name" else replace(case, folder=f"{number:03}{letter}-{case.folder}")
        for number, case in enumerate(cases, 1)
    )


def _grade(hostile: Sequence[Case], innocent: Sequence[Case], setting: Setting) -> Account:
    alone = grade_class(innocent, setting)
    together = grade_class([*hostile, *innocent], setting)
    return account(hostile, innocent, alone, together)


def _callers(listener: socket.socket) -> list[str]:
    """Whoever has reached our port."""
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return []
    return ["somebody reached a port of this machine"]


def _write(cases: Sequence[Case], folder: Path) -> None:
    write(cases, folder)
    verdicts = {case.folder: {"kind": case.kind, "verdicts": dict(case.verdicts)} for case in cases}
    text = json.dumps(verdicts, indent=1) + "\n"
    (folder / "verdicts.json").write_text(text, encoding="utf-8")
    _say(f"{len(cases)} cases in {folder}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


# -- what is printed ------------------------------------------------------------------------------


def table(found: Account) -> str:
    """The figures, then each offender by name."""
    judge = max(found.memory["main"], found.memory["worker"])
    lines = [
        _figure("passed that should not", len(found.passed), 0),
        _figure("refused that should not", len(found.refused), 0),
        _figure("ungraded", len(found.ungraded), 0),
        _figure("not told why", len(found.silent), 0),
        _figure("innocents changed", len(found.changed), 0),
        _figure("innocents misjudged alone", len(found.misjudged), 0),
        _figure("left behind", len(found.left), 0),
        _figure("formulas in the gradebook", len(found.formulas), 0),
        _figure("the longest submission, s", round(found.longest, 1), MOST_SECONDS)
        + f"  {found.longest_name}",
        _figure("the judge's peak memory, MB", judge, MOST_MEMORY)
        + f"  main {found.memory['main']}, worker {found.memory['worker']},"
        f" learners {found.memory['learner']}",
    ]
    named = {
        "Passed": found.passed,
        "Refused": found.refused,
        "Ungraded": found.ungraded,
        "Not told why": found.silent,
        "Changed": found.changed,
        "Misjudged": found.misjudged,
        "Slow": found.slow,
        "Left behind": [Finding("", one) for one in found.left],
        "Formulas": [Finding("", one) for one in found.formulas],
        "Faults": [Finding("", one) for one in found.faults],
        "Passed, and nobody has said whether they should": [
            Finding(f"{one.slug}/{short(one.exercise)}", f"{one.score} points")
            for one in found.outcomes
            if not one.verdict and one.outcome == "passed"
        ],
    }
    for title, findings in named.items():
        if findings:
            lines += ["", f"{title}:", *map(_line, findings[:SHOWN])]
            lines += [f"  and {len(findings) - SHOWN} more"] if len(findings) > SHOWN else []
    return "\n".join(lines)


def _figure(name: str, figure: float, most: float) -> str:
    return f"  {name:<30} {figure:>8}  {'good' if figure <= most else f'more than {most:g}'}"


def _line(one: Finding) -> str:
    text = one.message if one.message.isprintable() else ascii(one.message)
    return f"  {one.name}: {text[:LONGEST_MESSAGE]}".replace("  : ", "  ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
