"""Plays a module in virtual time and prints what happened: `python -m grader.lab FILE [SCRIPT]`.

Without a script the file is run as a program; SCRIPT is a JSON file, as `dev play ID --script` prints
it. The module is run in this very process, without walls: run only what you would run anyway.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from grader.lab import Lab
from grader.lab.told import told
from grader.script import from_json

__all__: list[str] = []


def main() -> int:
    """Print the trace, one line per event."""
    options = _parser().parse_args()
    with open(options.file, encoding="utf-8") as opened:
        code = opened.read()
    for line in told(_played(code, options)):
        print(line)  # noqa: T201 - it is what this is for
    return 0


def _played(code: str, options: argparse.Namespace) -> dict[str, Any]:
    with Lab(options.seed) as lab:
        if options.script is None:
            return lab.run_program(code, options.file)
        with open(options.script, encoding="utf-8") as opened:
            script = from_json(json.load(opened))
        answer = lab.load(code, options.file, "module")
        return lab.run(script) if answer.get("loaded") else answer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grader.lab", description=__doc__)
    parser.add_argument("file", help="a module, such as one in solutions/")
    parser.add_argument("script", nargs="?", help="what is to be played with it, as JSON")
    parser.add_argument("--seed", default="0", help="of the module's random numbers")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
