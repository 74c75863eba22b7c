"""Runs a module in virtual time and prints what happened: `python -m grader.lab FILE`.

The module is run in this very process, without walls: run only what you would run anyway.
"""

from __future__ import annotations

import argparse
from typing import Any

from grader.lab import Lab
from grader.scenario import ALWAYS, Consume, Job, Pipeline, Scenario

__all__: list[str] = []

FIRST_ITEM = 1001


def main() -> int:
    """Print the trace of one scenario, a line an event."""
    options = _parser().parse_args()
    with open(options.file, encoding="utf-8") as opened:
        code = opened.read()
    with Lab(options.seed) as lab:
        answer = lab.load(code, options.file, "module")
        if answer.get("loaded"):
            answer = lab.run(_scenario(options, retries="TransientError" in code))
    for line in _lines(answer):
        print(line)  # noqa: T201 - it is what this is for
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grader.lab", description=__doc__)
    parser.add_argument("file", help="a module like those in exercises/")
    parser.add_argument(
        "--fails",
        default="0,1,0,always",
        help="how often each item fails, as numbers and 'always' (default: %(default)s)",
    )
    parser.add_argument("--seconds", type=float, default=0.05, help="what each try takes")
    parser.add_argument(
        "--consumers", type=int, default=0, help="start so many consumers, and no run_pipeline"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="an option"
    )
    parser.add_argument("--seed", default="0", help="of the module's random numbers")
    return parser


def _scenario(options: argparse.Namespace, *, retries: bool) -> Scenario:
    """One call of `run_pipeline`, or some consumers; retries: the module knows a TransientError."""
    fails = [ALWAYS if one == "always" else int(one) for one in options.fails.split(",") if one]
    jobs = tuple(
        Job(FIRST_ITEM + number, options.seconds, fail if retries else 0)
        for number, fail in enumerate(fails)
    )
    pairs = (one.partition("=") for one in options.set)
    settings = {name: float(v) if "." in v else int(v) for name, _, v in pairs}
    if options.consumers:
        names = tuple(f"C{number}" for number in range(1, options.consumers + 1))
        return Consume(jobs, names, settings)
    return Pipeline(jobs, {"attempts": 4, **settings} if retries else settings)


def _lines(answer: dict[str, Any]) -> list[str]:
    if "events" not in answer:
        return [f"{key}: {value}" for key, value in answer.items()]
    names = dict(enumerate(answer["tasks"]))
    rows = [
        f"{at:9.6f}  {names.get(task, task)!s:<12} {kind:<9} "
        f"{f'line {line}' if line else '':<9} {' '.join(map(str, data))}".rstrip()
        for at, task, kind, line, *data in answer["events"]
    ]
    rest = ("end", "waits", "left", "unawaited", "stats", "result")
    return [*rows, *(f"{key}: {answer[key]}" for key in rest if answer.get(key))]


if __name__ == "__main__":
    raise SystemExit(main())
