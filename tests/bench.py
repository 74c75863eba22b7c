"""Measures what should stay fast, as ratios in one run: `nox -s bench`, or `-- class`, `page`, ...

A ratio holds on a slow machine as on a fast one, and its two sides take turns, so that a busy
moment meets both. Timings are never asserted in a test; this table is where they are looked at.
"""

import argparse
import asyncio
import contextlib
import io
import itertools
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from unittest import mock

from grader import judge
from grader.classroom.keys import Keys
from grader.classroom.plan import make_plan
from grader.classroom.run import grade_class
from grader.classroom.store import open_class_store
from grader.cli import worker
from grader.course.api import Subject
from grader.course.catalog import Entry, exercises, resolve, tracks
from grader.course.kit.contract import contract_of
from grader.course.kit.lesson import Job, Pipeline
from grader.course.kit.world import Scenario, names_in
from grader.intake import take_in
from grader.lab import Lab
from grader.practice.events import Graded
from grader.practice.workers import Workers
from grader.runner.hosts import Host, open_host
from grader.runner.sandbox import Sandbox, probe
from grader.script import ALWAYS, Item
from grader.trace import Trace
from grader.trace.replay import contradiction
from solutions.ex5_fix_task_done import TransientError, run_pipeline
from tests import bare

ROUNDS = 10
FEW_ROUNDS = 3  # of what takes long
_process_time = process_time
SAVES = 20
ROOT = Path(__file__).resolve().parent.parent
SOLUTION = ROOT / "solutions" / "ex5_fix_task_done.py"
GRADER = (sys.executable, "-m", "grader", "grade")
NOX = (sys.executable, "-m", "nox", "-s", "grade", "--", "grade")
FLOOR = "import pytest, pytest_asyncio, rich.console, rich.table, rich.live"
LESSON = "lesson"  # the track
TRUST = "--trust-submissions"  # what walls cost has rows of its own
PASSED, NOT_YET = 0, 10


@dataclass(frozen=True)
class Row:
    """One ratio: the medians of its two sides in seconds, and the bound it should keep."""

    what: str
    above: float
    below: float
    bound: float
    at_least: bool = False

    def __str__(self) -> str:
        ratio = self.above / self.below
        kept = ratio >= self.bound if self.at_least else ratio <= self.bound
        bound = f"{'at least' if self.at_least else 'at most'} {self.bound:g}"
        return (
            f"{self.what:<44} {milliseconds(self.above):>8} {milliseconds(self.below):>8}"
            f" {ratio:>8.2f}  {bound:<12}  {'ok' if kept else 'over'}"
        )


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    print(f"Medians of {ROUNDS}, Python {sys.version.split()[0]}\n")
    print(f"{'a / b':<44} {'a, ms':>8} {'b, ms':>8} {'a / b':>8}  bound")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADER_STORE"] = str(Path(folder, "progress"))  # leave the learner's alone
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or everything is compiled at each start
        for row in rows():
            print(row, flush=True)


def rows() -> Iterator[Row]:
    """All that is measured."""
    grading = command(*GRADER, "--from", "solutions")
    imports = command(sys.executable, "-c", FLOOR)
    yield Row("grading everything / importing its libraries", *medians(grading, imports), bound=2.0)
    yield Row(
        "grading the lesson / importing its libraries",
        *medians(command(*GRADER, LESSON, "--from", "solutions"), imports),
        bound=1.8,
    )
    yield grade_over_imports()
    yield lab_over_floor()
    yield from class_over_floor()
    yield lesson()
    yield deadlock()
    yield wide_ranges()
    if hasattr(os, "openpty"):
        yield save_to_verdict()
    through_nox = command(*NOX, "--from", "solutions")
    yield Row("nox -s grade / python -m grader", *medians(through_nox, grading), bound=1.6)
    if sys.platform == "linux":
        yield isolation(
            Sandbox(probe().sandbox.walls), "a process shut in / a plain one", bound=2.5
        )
        yield isolation(probe().sandbox, "the same, behind bubblewrap / a plain one", bound=2.5)


# -- the floor -------------------------------------------------------------------------------------


def lab_over_floor() -> Row:
    """What the lab adds to the same scripts on a bare virtual loop, nothing recorded: processor time."""
    lesson = tracks()[LESSON]  # the bare loop has what these five ask for, no more
    asked = [(one, [s.script(one.contract) for s in scenarios_of(one)]) for one in lesson]
    modules = {one.id: bare.load(one.solution.read_text("utf-8"), one.id) for one, _ in asked}

    def in_the_lab() -> None:
        for entry, scripts in asked:
            with Lab() as lab:
                lab.load(entry.solution.read_text("utf-8"), entry.id, entry.id)
                for script in scripts:
                    lab.run(script)

    def on_the_floor() -> None:
        for entry, scripts in asked:
            bare.play(modules[entry.id], scripts)

    timings = [(processor(in_the_lab), processor(on_the_floor)) for _ in range(1 + ROUNDS)][1:]
    above, below = (statistics.median(column) for column in zip(*timings, strict=True))
    return Row("the lesson's scenarios in the lab / on a bare loop, CPU", above, below, bound=3.0)


def grade_over_imports() -> Row:
    """The processor time of the lesson's exercises, over that of importing what a grader needs."""
    grading = command(*GRADER, LESSON, "--from", "solutions")
    imports = command(sys.executable, "-c", FLOOR)
    timings = [(processors(grading), processors(imports)) for _ in range(1 + ROUNDS)][1:]
    above, below = (statistics.median(column) for column in zip(*timings, strict=True))
    return Row("the same, CPU", above, below, bound=2.5)


def class_over_floor() -> Iterator[Row]:
    """The processor time of one more right learner in a class, over that of a bare loop."""
    lesson = tracks()[LESSON]
    asked = [(one, [s.script(one.contract) for s in scenarios_of(one)]) for one in lesson]
    modules = {one.id: bare.load(one.solution.read_text("utf-8"), one.id) for one in lesson}

    def on_the_floor() -> None:
        for entry, scripts in asked:
            bare.play(modules[entry.id], scripts)

    found: dict[str, list[float]] = {"shut in": [], "trusted": [], "floor": []}
    for _round in range(FEW_ROUNDS):
        found["shut in"].append(one_more_learner(asdict(probe().sandbox)))
        found["trusted"].append(one_more_learner(None))
        found["floor"].append(processor(on_the_floor))
    taken = {name: statistics.median(column) for name, column in found.items()}
    for how, bound in (("shut in", 3.0), ("trusted", 2.3)):
        what = f"a learner of a class, {how} / on a bare loop, CPU"
        yield Row(what, taken[how], taken["floor"], bound=bound)
    yield Row("the same, shut in / trusted", taken["shut in"], taken["trusted"], bound=1.15)


def one_more_learner(sandbox: Mapping[str, Any] | None) -> float:
    """The processor time that the second to the ninth learner of a class take, each, in seconds."""
    taken = {}
    for learners in (1, 9):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, "class")
            for number, entry in itertools.product(range(learners), tracks()[LESSON]):
                file = folder / f"learner{number}" / entry.solution.name
                file.parent.mkdir(parents=True, exist_ok=True)
                code = entry.solution.read_text("utf-8")
                file.write_text(f"{code}# {number}\n", encoding="utf-8")
            taken[learners] = processors(partial(graded, folder, sandbox))
    return (taken[9] - taken[1]) / 8


def graded(folder: Path, sandbox: Mapping[str, Any] | None) -> None:
    """Grade the lesson of a class, one submission after the other.

    The command always isolates where it can.
    """
    lesson = tracks()[LESSON]
    intake = take_in([folder], [entry.id for entry in lesson])
    with intake, open_class_store(folder.with_suffix(".sqlite3")) as store:
        worker = {"fork": True, "sandbox": sandbox}
        plan = make_plan(lesson, intake.entries, store, Keys(1), worker=worker, jobs=1)
        grade_class(plan, store, store.begin(1, []))


def processors(action: Callable[[], None]) -> float:
    """How much processor time it takes, here and in the processes that it starts, in seconds."""
    began = os.times()
    action()
    ended = os.times()
    return sum(ended[:4]) - sum(began[:4])


def processor(action: Callable[[], None]) -> float:
    """How much processor time it takes, in seconds; the clock is taken before a lab replaces it."""
    began = _process_time()
    action()
    return _process_time() - began


# -- the lesson's pipeline, in virtual and in real time --------------------------------------------


def lesson() -> Row:
    """How much faster a scenario runs in virtual time, the submission's import included."""
    code = SOLUTION.read_text(encoding="utf-8")
    jobs = tuple(
        Job(item, seconds=0.05 + 0.01 * (item * 5 % 8), fails={4: 1, 9: ALWAYS, 12: 2}.get(item, 0))
        for item in range(1, 25)
    )

    def in_virtual_time() -> None:
        with Lab() as lab:
            lab.load(code, SOLUTION.name, SOLUTION.stem)
            trace = lab.run(Pipeline(jobs).script(contract_of(SOLUTION)))
        if trace["end"]["how"] != "returned":
            sys.exit(f"The lesson's pipeline did not return in the lab: {trace['end']}")

    def in_real_time() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            asyncio.run(run_for_real(jobs))

    above, below = medians(in_real_time, in_virtual_time)
    return Row("the lesson in real / in virtual time", above, below, bound=50, at_least=True)


async def run_for_real(jobs: tuple[Job, ...]) -> None:
    """Run the reference as anyone would, with a service that does what the jobs say."""
    by_item = {job.item: job for job in jobs}
    tries: Counter[Item] = Counter()

    async def service(item: Item) -> None:
        job = by_item[item]
        await asyncio.sleep(job.seconds)
        tries[item] += 1
        if job.fails == ALWAYS or tries[item] <= job.fails:
            raise TransientError

    await run_pipeline([job.item for job in jobs], service)


# -- a submission that hangs -----------------------------------------------------------------------


def deadlock() -> Row:
    """What it costs that a submission never ends: the stub of exercise 5 has just this bug."""
    with tempfile.TemporaryDirectory() as folder:
        right, stuck = Path(folder, "right"), Path(folder, "stuck")
        solution = SOLUTION.read_text(encoding="utf-8")
        hand_in(right, solution)
        hand_in(stuck, without_task_done_on_giving_up(solution))
        return Row(
            "a deadlocked / a passing submission",
            *medians(
                command(*GRADER, "ex5", "--from", str(stuck), TRUST, code=NOT_YET),
                command(*GRADER, "ex5", "--from", str(right), TRUST),
            ),
            bound=1.3,
        )


def hand_in(folder: Path, code: str) -> None:
    """Write a submission to exercise 5."""
    folder.mkdir()
    (folder / SOLUTION.name).write_text(code, encoding="utf-8")


def without_task_done_on_giving_up(code: str) -> str:
    """The same module, with the call moved to where only successes meet it."""
    call, success = "        q.task_done()\n", '                stats["consumed"] += 1\n'
    if code.count(call) != 1 or code.count(success) != 1:
        sys.exit(f"{SOLUTION} has changed: no telling where its task_done() belongs.")
    return code.replace(call, "").replace(success, success + 8 * " " + call)


# -- the contract's ranges -------------------------------------------------------------------------


def wide_ranges() -> Row:
    """What the far ends of the ranges cost a right learner: hundreds of items, tries and places."""
    asked = {entry.id: scenarios_of(entry) for entry in exercises()}
    near = {name: [one for one in found if not is_far(one)] for name, found in asked.items()}
    above, below = medians(partial(play, asked), partial(play, near))
    return Row("all scenarios / without the far ranges", above, below, bound=2.0)


def scenarios_of(entry: Entry) -> list[Scenario]:
    """All that the checks of an exercise ask of its reference."""
    found: list[Scenario] = []
    run = Subject.run

    async def noted(self: Subject, scenario: Scenario, **options: Any) -> Trace:
        found.append(scenario)
        return await run(self, scenario, **options)

    with mock.patch.object(Subject, "run", noted):
        judge.grade([entry], entry.solution.parent, seed=1)
    return found


def is_far(scenario: Scenario) -> bool:
    """Has it more than a hundred items, places, consumers or attempts, or forty at work?"""
    numbers = [value for name, value in scenario.options.items() if name in ("maxsize", "attempts")]
    crew = scenario.options.get("consumers", 0)
    items = len(getattr(scenario, "jobs", ()))
    return bool(max(items, *numbers, 0) > 100 or crew > 30)


def play(scenarios: Mapping[str, Sequence[Scenario]]) -> None:
    """Run scenarios on the references, and read the records as the judge does."""
    for name, asked in scenarios.items():
        with Lab() as lab:
            lab.load((ROOT / "solutions" / f"{name}.py").read_text(encoding="utf-8"), name, name)
            for scenario in asked:
                script = scenario.script(resolve(name).contract)
                record = json.loads(json.dumps(lab.run(script)))
                contradiction(Trace({**record, **names_in(script)}, script.items), script)


# -- isolation -------------------------------------------------------------------------------------


def isolation(sandbox: Sandbox, what: str, bound: float) -> Row:
    """What it costs to shut a submission in: from the fork until all that it left is swept up."""
    hosts = open_host(fork=True, sandbox=sandbox), open_host(fork=True)
    code = SOLUTION.read_text(encoding="utf-8")
    request = {
        "do": "load",
        "nonce": "",
        "code": code,
        "filename": "x.py",
        "name": "x",
        "seed": "",
        "seconds": 9,
    }
    line = json.dumps(request).encode() + b"\n"

    def load(host: Host) -> None:
        for _ in range(10):
            connection = host.spawn()
            os.write(connection.requests, line)
            answer = b""
            while b'"loaded"' not in answer and (more := os.read(connection.answers, 1_000)):
                answer += more
            connection.close()
            if b'"loaded":true' not in answer:
                sys.exit(f"The submission was not loaded: {answer!r}")

    try:
        above, below = medians(*(partial(load, host) for host in hosts))
    finally:
        for host in hosts:
            host.close()
    return Row(what, above / 10, below / 10, bound)


# -- the learner's loop ----------------------------------------------------------------------------


def save_to_verdict() -> Row:
    """What watching adds to grading, from the file's rename to the verdict on the screen."""
    solution = SOLUTION.read_text(encoding="utf-8")
    versions = (without_task_done_on_giving_up(solution), solution)
    words = (b"not yet", b"passed")
    imports = command(sys.executable, "-c", "import pytest")
    added, imported = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / SOLUTION.name).write_text(solution, encoding="utf-8")
        with warm_worker(folder) as grade, watching(folder) as wait_for:
            wait_for(words[1])
            for number in range(2 + SAVES):
                version = number % 2
                save = partial(save_and, folder, versions[version], words[version], wait_for)
                saved = seconds(save)
                added.append(saved - seconds(grade))
                imported.append(seconds(imports))
    # The first save of either version warms up what comes after it.
    return Row(
        "watching: save to verdict / import pytest",
        statistics.median(added[2:]),
        statistics.median(imported[2:]),
        bound=0.5,
    )


def save_and(folder: Path, code: str, word: bytes, wait_for: Callable[[bytes], None]) -> None:
    """Save as many an editor does, and wait for the verdict."""
    new = folder / "new"
    new.write_text(code, encoding="utf-8")
    new.replace(folder / SOLUTION.name)
    wait_for(word)


@contextlib.contextmanager
def warm_worker(folder: Path) -> Iterator[Callable[[], None]]:
    """What `watch` grades with, alone: a function that grades exercise 5."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    options = argparse.Namespace(folder=folder, seed=None, fork=True, trust=True)
    runs = itertools.count(1)
    with Workers(worker.command(options), inbox.put) as workers:

        def grade() -> None:
            workers.grade(next(runs), [SOLUTION.stem])
            while not isinstance(inbox.get(timeout=60), Graded):
                pass

        grade()
        yield grade


@contextlib.contextmanager
def watching(folder: Path) -> Iterator[Callable[[bytes], None]]:
    """`watch` on a terminal of its own: a function that waits for a word on its screen."""
    ours, theirs = os.openpty()
    words = (*GRADER[:3], "watch", "ex5", "--from", str(folder), TRUST)
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(words, cwd=ROOT, stdin=theirs, stdout=theirs, env=environment) as watch:
        os.close(theirs)

        def wait_for(word: bytes) -> None:
            seen = b""
            while word not in seen:
                seen += os.read(ours, 1 << 16)

        try:
            yield wait_for
        finally:
            os.write(ours, b"q")
            while watch.poll() is None:  # it must not wait for us to read its last words
                with contextlib.suppress(OSError):
                    os.read(ours, 1 << 16)
            os.close(ours)


# -- measuring ------------------------------------------------------------------------------------


def medians(above: Callable[[], None], below: Callable[[], None]) -> tuple[float, float]:
    """Seconds that each of the two takes, in turns, after a warm-up that does not count."""
    timings = [(seconds(above), seconds(below)) for _ in range(1 + ROUNDS)][1:]
    aboves, belows = zip(*timings, strict=True)
    return statistics.median(aboves), statistics.median(belows)


def seconds(action: Callable[[], None]) -> float:
    """How long it takes."""
    start = perf_counter()
    action()
    return perf_counter() - start


def command(*words: str, code: int = PASSED) -> Callable[[], None]:
    """A command to measure; anything but the expected exit code ends the measurement."""

    def run() -> None:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
        if done.returncode != code:
            sys.stderr.buffer.write(done.stdout + done.stderr)
            sys.exit(f"`{' '.join(words)}` ended with {done.returncode} instead of {code}.")

    return run


def milliseconds(duration: float) -> str:
    """Seconds as milliseconds, to be read at a glance."""
    return f"{duration * 1000:.1f}" if duration < 0.1 else f"{duration * 1000:.0f}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["class"]:
        from tests import class_bench  # it takes minutes: only when it is asked for

        class_bench.main(sys.argv[2:])
    elif sys.argv[1:2] == ["alike"]:
        from tests import likeness_bench  # likewise

        likeness_bench.main(sys.argv[2:])
    elif sys.argv[1:2] == ["page"]:
        from tests import page_bench  # likewise

        page_bench.main(sys.argv[2:])
    elif sys.argv[1:2] == ["scale"]:
        from tests.scale import bench as scale_bench  # likewise, and it needs an extra

        scale_bench.main(sys.argv[2:])
    elif sys.argv[1:2] == ["compared"]:
        from tests.compared import (
            bench as compared_bench,
        )  # likewise, and it installs other graders

        compared_bench.main(sys.argv[2:])
    else:
        main()
