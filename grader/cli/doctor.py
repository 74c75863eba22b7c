"""Reports what works on this machine, and what to do about the rest."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.exits import COULD_NOT_GRADE
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.cli.trial import ADVICE
from grader.cli.update import behind
from grader.course import catalog
from grader.errors import GraderError
from grader.lab.parts import PARTS, missing
from grader.practice.progress import open_store, place
from grader.render.diagnosis import Finding
from grader.runner.hosts import open_host
from grader.runner.learner import Learner, Submission
from grader.runner.sandbox import probe
from grader.runner.stops import Stop
from grader.script import Call, Plan, Ref, Script, Service, Source

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Diagnosed", "declare", "run"]

NEEDED = ("pytest", "pytest-asyncio", "rich")


@dataclass(frozen=True)
class Diagnosed:
    """Result: the findings, one per area."""

    findings: tuple[Finding, ...]
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return COULD_NOT_GRADE if any(finding.fatal for finding in self.findings) else 0

    def view(self) -> RenderableType:
        from grader.render.diagnosis import Diagnosis  # noqa: PLC0415 - Rich comes last

        return Diagnosis(self.findings)


def declare(parser: Parser) -> None:
    """Take no arguments."""


def run(_options: Namespace) -> Diagnosed:
    """Try everything that grading needs, and what is optional."""
    return Diagnosed(
        (
            *(_python(), *_packages(), *_lab(), _course(), *_progress()),
            *(_processes(fork=True), _processes(fork=False), *_isolation()),
            *(_terminal(), _signs(), _colours(), _keys(), _editor()),
        )
    )


# -- needed for grading ----------------------------------------------------------------------------


def _python() -> Finding:
    words = f"Python {platform.python_version()} on {platform.system()}: {sys.executable}"
    return Finding("Python", words)


def _packages() -> Iterator[Finding]:
    for name in NEEDED:
        try:
            yield Finding(name, f"version {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            advice = "Start the grader by `nox -s grade`, which installs what it needs."
            if catalog.is_installed():
                advice = "Install the course again, with what it needs."
            yield Finding(name, "is not installed", advice, fatal=True)


def _lab() -> Iterator[Finding]:
    """Report each part of Python that the lab leans on and that is not as it expects it."""
    found = missing()
    for words in found:
        yield Finding("lab", words, ADVICE, fatal=True)
    if not found:
        yield Finding("lab", f"finds the {len(PARTS)} parts of Python that it leans on")


def _course() -> Finding:
    try:
        entries = catalog.exercises()
    except GraderError as error:
        return Finding("course", str(error), catalog.mend(), fatal=True)
    home = catalog.home_above()
    if home is None:
        advice = f"Go to yours, or make one: {invocation().command('init')}"
        return Finding("course", "this is no course folder, and none is above it", advice)
    lost = [e.stub for e in entries if not e.stub.is_file()]
    lost += [e.solution for e in entries if not e.solution.is_file()]
    if lost:
        names = ", ".join(f"`{path.parent.name}/{path.name}`" for path in lost)
        advice = f"`reset` puts a stub back. Anything else? {catalog.mend()}"
        return Finding("course", f"these files are missing: {names}", advice)
    return Finding("course", f"{len(entries)} exercises in {home}", behind())


def _progress() -> Iterator[Finding]:
    home = catalog.home_above()
    if home is not None:
        yield _remembered(place(home))


def _remembered(file: Path) -> Finding:
    with open_store(file) as store:
        known = store.progress()
        if store.notices:
            advice = f"Verdicts do not depend on it. To start anew, delete {file}."
            return Finding("progress", store.notices[0], advice)
    return Finding("progress", f"{len(known)} exercises remembered in {file}")


_PROBE = """
import asyncio
async def probe(items, work):
    for item in items:
        await work(item)
"""
_SCRIPT = Script(
    items=(1,),
    sources=(Source(0, 1),),
    services=(Service("work", (Plan(),)),),
    calls=(Call("probe", (Ref("source"), Ref("service"))),),
)


def _processes(*, fork: bool) -> Finding:
    """Run a probe in the way that learners' modules are run."""
    area = "fork server" if fork else "subprocess"
    if fork and not hasattr(os, "fork"):
        return Finding(
            area, "this system cannot fork", "Nothing to do: subprocesses serve as well."
        )
    began = time.perf_counter()
    try:
        asyncio.run(_try_out(fork=fork))
    except GraderError as error:
        other = (
            "Use --no-fork." if fork else "Is something on this machine ending Python processes?"
        )
        return Finding(area, f"does not work: {error}", other, fatal=not fork)
    took = (time.perf_counter() - began) * 1000
    return Finding(area, f"works: a first scenario took {took:.0f} ms")


async def _try_out(*, fork: bool) -> None:
    host = open_host(fork=fork)
    try:
        learner = Learner(host, Submission("probe", "probe.py", _PROBE), "doctor")
        try:
            answer = await learner.run(_SCRIPT)
        finally:
            learner.close()
    finally:
        host.close()
    if isinstance(answer, Stop):
        raise GraderError(answer.message)


def _isolation() -> Iterator[Finding]:
    """Report the layers that isolate strangers' code, for `class` and `--from`, on Linux only."""
    layers = probe()
    active = ", ".join(layer.name for layer in layers.all if layer.active)
    missing = [f"{layer.name} ({layer.detail})" for layer in layers.all if not layer.active]
    reason = layers.reason()
    if reason is not None:
        advice = (
            "Your own exercises need none. `class`, and on Linux `--from`, decline here: use Linux, "
            "or install bubblewrap."
        )
        yield Finding("isolation", f"not enough for strangers' code. {reason}", advice)
        return
    lacks = f"; not {', '.join(missing)}" if missing else ""
    yield Finding("isolation", f"enough for `class`: {active}{lacks}")


# -- optional --------------------------------------------------------------------------------------


def _terminal() -> Finding:
    columns = shutil.get_terminal_size().columns
    if not sys.stdout.isatty():
        return Finding("terminal", "the output goes to a file or a pipe: nothing moves")
    if columns < 60:
        return Finding("terminal", f"{columns} columns", "Make the window 60 columns wide or more.")
    return Finding("terminal", f"{columns} columns")


def _signs() -> Finding:
    encoding = sys.stdout.encoding or "ascii"
    try:
        "✔✘━│".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        advice = "ASCII signs stand in. For the others set PYTHONIOENCODING=utf-8."
        return Finding("signs", f"the encoding {encoding} has no ✔ and ✘", advice)
    return Finding("signs", f"the encoding {encoding} can show ✔ and ✘")


def _colours() -> Finding:
    if "NO_COLOR" in os.environ:
        return Finding("colours", "none, as NO_COLOR asks: everything is said in words, too")
    if os.environ.get("TERM") == "dumb" or not sys.stdout.isatty():
        return Finding("colours", "none here: everything is said in words, too")
    return Finding("colours", "shown")


def _keys() -> Finding:
    for module in ("termios", "msvcrt"):
        if importlib.util.find_spec(module) is not None:
            return Finding("keys", "single keys work in `watch`")
    return Finding("keys", "no single keys", "In `watch`, type a letter and Enter.")


def _editor() -> Finding:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if editor:
        return Finding("editor", f"`e` in `watch` opens {editor}")
    return Finding("editor", "none is set", "For `e` in `watch`: set the variable EDITOR.")
