"""Writes the table in `tests/submissions/hostile/README.md`: `python -m tests.hostile.table`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from tests.corpus import ROOT
from tests.hostile.cases import rows

__all__ = ["PAGE", "TITLES", "main", "table"]

PAGE = ROOT / "hostile" / "README.md"
START, END = "<!-- table -->\n", "<!-- end of the table -->\n"
TITLES = {
    "accident": "Accidents: nobody meant harm",
    "escape": "Escapes: out of the process, to files, processes and networks",
    "recipe": "Recipes: the files of graders and of the platforms that start them",
    "leak": "Leaks: what a submission may not come to know",
    "clock": "The clock: waits that never were",
    "record": "The record: tries and events that never were",
    "queue": "The queue: its counters instead of its methods",
    "evidence": "Forged evidence: results, answers, objects that agree",
    "blame": "Blaming the grader: answers after which nobody is graded",
    "exit": "Ends: codes and signals that mean something to the grader",
    "tampering": "Tampering: with Python, asyncio, and the grader's own objects",
    "message": "Messages: names and texts that are too long, or more than text",
    "amplification": "Amplification: small answers that become large in the judge",
    "trace": "Long traces: far more events than the exercise has",
    "tree": "Source: deep, long and odd syntax for whatever reads it",
    "stack": "Stacks: last words for whatever reads them",
    "slow": "Slowness: neither spins nor stands still",
    "memory": "Memory: in every process, and outside of the usual limits",
    "threads": "Threads: many, small, without end",
    "exhaustion": "Exhaustion: of processes, descriptors, disk and processor",
    "name": "Names: folders that are formulas, markup or options",
}


def table() -> str:
    """All cases, a table for each kind."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    for kind, cases in groupby(rows(), key=lambda row: row.kind):
        yield f"\n### {TITLES[kind]} (`{kind}`)\n\n"
        yield "| case | exercises | verdict | what it tries |\n| --- | --- | --- | --- |\n"
        for one in cases:
            slug = f"`{one.slug}`" + (" (made)" if one.made else "")
            about = one.contract.replace("|", "\\|")
            yield f"| {slug} | {one.exercises} | {one.verdict} | {about} |\n"
    yield "\n"


def main() -> None:
    """Write the table anew into its page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}{table()}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
