"""Proves at length what the tests show on a sample: same verdicts in every run, calm and under load.

A script that prints counts (`nox -s proofs`):

    python -m tests.proofs [--runs 20] [--seeds 50] [--kills 100] [PYTHON ...]
    python -m tests.proofs class [--kills 50] [--learners 1000]
    python -m tests.proofs update [--kills 50]
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.grading import by_command
from tests.installed import build_wheel, install
from tests.kills import kill_while_updating, kill_while_writing

__all__ = ["busy", "different_runs", "failing_seeds", "without_times"]


@contextlib.contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep the machine busy with so many spinning processes meanwhile."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def without_times(data: Any) -> Any:
    """The JSON without the real times, the only part that may differ between runs."""
    if isinstance(data, dict):
        return {key: without_times(value) for key, value in data.items() if key != "wall_ms"}
    return [without_times(one) for one in data] if isinstance(data, list) else data


def different_runs(
    runs: int, python: str = sys.executable, only: Sequence[str] = ()
) -> tuple[int, int]:
    """Grade the solutions with one seed, many times: how many runs differ, how many fail.

    only: these exercises; none for all.
    """
    results = [
        by_command("grade", *only, "--from", "solutions", "--seed", "20260", python=python)
        for _ in range(runs)
    ]
    found = [without_times(data) for _, data, _ in results]
    different = sum(1 for data in found if data != found[0])
    return different, sum(1 for code, _, _ in results if code != 0)


def failing_seeds(seeds: int, python: str = sys.executable, only: Sequence[str] = ()) -> list[int]:
    """The seeds, of so many, with which the solutions (or `only` these) do not all pass."""
    return [
        seed
        for seed in range(1, seeds + 1)
        if by_command("grade", *only, "--from", "solutions", "--seed", str(seed), python=python)[0]
    ]


def main() -> int:
    """Print the counts, a line each; exit with 1 unless all are zero."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pythons", nargs="*", default=[sys.executable])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--kills", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        said = kill_while_writing(Path(folder, "store"), options.kills, seed=options.kills)
    print(f"store: {options.kills} kills while it was written, {said} writes said, 0 lost")
    wrong = 0
    for python in options.pythons:
        for name, processes in (("calm", 0), ("beside 4 busy processes", 4)):
            with busy(processes):
                different, failed = different_runs(options.runs, python)
            print(f"{python}, {options.runs} runs {name}: {different} differ, {failed} fail")
            wrong += different + failed
        seeds = failing_seeds(options.seeds, python)
        print(f"{python}, {options.seeds} seeds: {len(seeds)} fail {seeds or ''}")
        wrong += len(seeds)
    return 1 if wrong else 0


def kill_updates(words: list[str]) -> int:
    """Print how many updates of a course folder were killed, and how many in the middle."""
    parser = argparse.ArgumentParser(prog="tests.proofs update")
    parser.add_argument("--kills", type=int, default=50)
    kills = parser.parse_args(words).kills
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "mine")
        installed = install(build_wheel(Path(place, "wheel")), Path(place, "venv"))
        installed.run(Path(place), "init", str(folder))
        hit = kill_while_updating(installed, folder, kills, seed=kills)
    print(f"update: {kills} kills, {hit} while files were written, 0 lost")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["update"]:
        sys.exit(kill_updates(sys.argv[2:]))
    if sys.argv[1:2] == ["class"]:
        from tests import class_proofs  # which imports this module

        sys.exit(class_proofs.main(sys.argv[2:]))
    if sys.argv[1:2] == ["layouts"]:
        from tests import class_layouts  # likewise

        sys.exit(class_layouts.main(sys.argv[2:]))
    sys.exit(main())
