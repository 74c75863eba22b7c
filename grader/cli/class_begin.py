"""What a class run begins with: its store, the run before, what is given, its seed, what counts."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from grader.classroom.store import NAME, ClassStore, Run, open_class_store
from grader.cli.class_output import check_out
from grader.cli.grading import fresh_seed
from grader.cli.invocation import invocation
from grader.course import catalog
from grader.errors import UsageError
from grader.intake import Intake
from grader.render.words import counted

__all__ = [
    "check_seed",
    "handed_in",
    "jobs_of",
    "last_of",
    "opened",
    "resume_command",
    "seed_of",
    "sources_of",
]


def jobs_of(requested: int | None) -> int:
    """Return how many submissions are graded at once: as asked, or one for each core."""
    if requested is not None and requested < 1:
        raise UsageError("--jobs is the number of submissions graded at once: at least 1.")
    if requested is not None:
        return requested
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def opened(options: Namespace) -> ClassStore:
    """Open the store of a run, or of an earlier one."""
    check_out(options.out)
    store = options.out / NAME
    if options.resume and not store.exists():
        raise UsageError(f"There is no run to resume in {options.out}. Leave --resume out.")
    return open_class_store(store)


def last_of(store: ClassStore, options: Namespace) -> Run | None:
    """Return the last run. Raises `UsageError` when it is to go on and cannot."""
    last = store.last_run()
    if options.resume and last is None:
        raise UsageError(f"There is no run to resume in {options.out}. Leave --resume out.")
    if options.resume and last and options.seed not in (None, last.seed):
        raise UsageError(
            f"The run in {options.out} has the seed {last.seed}. Leave --seed out, or --resume to "
            "grade everything again."
        )
    return last


def sources_of(options: Namespace, last: Run | None) -> list[Path]:
    """Return what to grade: as given, or what a run that goes on was given."""
    paths: list[Path] = options.submissions
    if not paths and options.resume and last is not None:
        paths = [Path(path) for path in last.sources]
    if not paths:
        raise UsageError("Whose work? Name the folder or the download that it is in.")
    if options.out.resolve() in [path.resolve() for path in paths]:
        raise UsageError("--out is the folder of the submissions. Put the results elsewhere.")
    return paths


def seed_of(options: Namespace, last: Run | None) -> int:
    """Return the requested seed, else that of the last run, else a fresh one."""
    if options.seed is not None:
        return int(options.seed)
    return fresh_seed() if last is None else last.seed


def resume_command(options: Namespace) -> str:
    """Return the command that resumes this run."""
    import shlex  # noqa: PLC0415 - rarely needed

    words = f"class --resume --out {shlex.quote(str(options.out))}"
    words += " --only-these" if options.only else ""
    words += f" --dask {shlex.quote(options.dask)}" if options.dask else ""
    return invocation().command(words + (" --trust-submissions" if options.trust else ""))


def handed_in(intake: Intake, store: ClassStore, *, anew: bool) -> tuple[catalog.Entry, ...]:
    """Return the exercises that at least one submission has; all of them if none has any.

    anew: the submissions of earlier runs are not asked.
    """
    found = {exercise for one in intake.entries for exercise in (*one.files, *one.undecided)}
    if not anew:
        found |= {exercise for one in store.known() for exercise in one.handed_in}
    return catalog.chosen(found) or catalog.exercises()


def check_seed(options: Namespace, last: Run | None, store: ClassStore, intake: Intake) -> None:
    """Raise `UsageError` when a part of the class would have another seed than the rest."""
    if last is None or options.seed in (None, last.seed):
        return
    stay = set(store.names()) - {one.name for one in intake.entries}
    if stay:
        raise UsageError(
            f"The class in {options.out} was graded with the seed {last.seed}, and "
            f"{counted(len(stay), 'submission')} of it are not given now. Leave --seed out, give all "
            "of them, or say --only-these."
        )
