"""Classes of any size for the views: a few labelled submissions graded for real, dealt to learners."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from typing import Any
from zlib import crc32

from grader.class_results import Alike, ClassReport, Likeness, Sender, SubmissionResult, Unused
from grader.classroom.likeness import Comparison
from grader.course import catalog
from grader.render.class_figures import (
    ClassFigures,
    ExerciseFigures,
    LearnerFigures,
    MisconceptionFigures,
)
from grader.render.class_tally import bins
from grader.render.foreign import harmless
from grader.render.timeline.model import Finding
from grader.results import ExerciseResult, Outcome
from tests.corpus import load
from tests.grading import grade_corpus, grade_sources

__all__ = [
    "EXERCISES",
    "GROUPS",
    "NASTY",
    "alike",
    "by_hand",
    "drawing",
    "failing",
    "make_class",
    "nasty_class",
    "stubs",
]

# A class that hands in the lesson.
EXERCISES = tuple(entry.id for entry in catalog.tracks()["lesson"])
FIRST = (  # noqa: SIM905 - as words they are read at a glance
    "Ada Grace Linus Barbara Edsger Donald Frances Katherine Tim Radia Alan Margaret Dennis Adele "
    "Niklaus Shafi Leslie Lynn John Anita Ken Sophie Bjarne Karen Guido Hedy Zoë Søren Łukasz "
    "Ngọc Иван Мария Ελένη אורי ليلى 明 さくら 지우 Chidi Wanjiru Iñaki José O'Brian D'Arcy"
).split(" ")
LAST = (  # noqa: SIM905
    "Lovelace Hopper Torvalds Liskov Dijkstra Knuth Allen Johnson Berners-Lee Perlman Turing "
    "Hamilton Ritchie Goldberg Wirth Goldwasser Lamport Conway Backus Borg Thompson Wilson "
    "Müller Þórsdóttir Kowalski Nguyễn Петров Παπαδοπούλου כהן حداد 王 田中 김 Okafor Kamau"
).split(" ")
WRONG = 3  # of each exercise, spread over the corpus
NASTY = (
    '</title><script>document.title="owned"</script>',
    '"><img src=x onerror=\'document.title="owned"\'>',
    "'; alert(1); //",
    "\u202egnp.exe \u2028 \u2029 \x00 \x1b[2J \ud800",
    "</svg><style>*{display:none}</style><!-- -->",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; <b>bold</b>",
)
"""What a learner may write in hope or by accident."""


@cache
def _graded() -> dict[str, tuple[ExerciseResult, ...]]:
    """Real verdicts on each exercise: first the reference's, then those on mistakes."""
    wrong = {
        name: [one for one in load() if one.exercise == name and one.label == "wrong"]
        for name in EXERCISES
    }
    chosen = [one for files in wrong.values() for one in files[:: len(files) // WRONG][:WRONG]]
    found: dict[str, list[ExerciseResult]] = {}
    lesson = catalog.tracks()["lesson"]
    solutions = {entry.id: entry.solution.read_text("utf-8") for entry in lesson}
    for name, result in grade_sources(solutions).items():
        found[name] = [result]
    for one, result in grade_corpus(chosen):
        found[one.exercise].append(result)
    return {name: tuple(replace(one, path="") for one in found[name]) for name in EXERCISES}


@dataclass(frozen=True)
class _Class(Collection[SubmissionResult]):
    """Submissions that are made anew each time somebody goes through them, as from a store."""

    size: int
    seed: int = 7

    def __len__(self) -> int:
        return self.size

    def __contains__(self, one: object) -> bool:
        return any(one == other for other in self)

    def __iter__(self) -> Iterator[SubmissionResult]:
        names = random.Random(self.seed)
        for number in range(self.size):
            first, last = names.choice(FIRST), names.choice(LAST)
            yield _submission(number, f"{first} {last}", random.Random(f"{self.seed}/{number}"))


def make_class(size: int) -> ClassReport:
    """A class of this many learners: most get the first exercises right, fewer the last."""
    unused = (
        Unused("__MACOSX", "litter of macOS"),
        Unused("notes.txt", "not named like an exercise"),
    )
    return ClassReport(20260, EXERCISES, _Class(size), unused)


def _submission(number: int, name: str, draw: random.Random) -> SubmissionResult:
    gift = draw.uniform(-0.15, 0.5)
    results = tuple(
        _result(exercise, place, gift, draw) for place, exercise in enumerate(EXERCISES)
    )
    sender = Sender("canvas", f"{1000 + number}", name, f"s{20000 + number}", "")
    unused = (
        Unused("ex2_build_retry_loop.py", "an older upload; ex2_build_retry_loop-1.py counts"),
    )
    return SubmissionResult(
        f"{number:04d}_{name.replace(' ', '').lower()}",
        results,
        (sender,),
        late=draw.random() < 0.06,
        unused=unused if draw.random() < 0.08 else (),
    )


def _result(exercise: str, place: int, gift: float, draw: random.Random) -> ExerciseResult:
    right, *wrong = _graded()[exercise]
    chance = draw.random()
    blank = replace(right, checks=(), source="", flags=())
    if chance < 0.04 + 0.02 * place - gift * 0.05:
        return replace(blank, outcome=Outcome.MISSING)
    if chance < 0.07 + 0.05 * place - gift * 0.05:
        return replace(blank, outcome=Outcome.NOT_STARTED)
    if chance > 0.995:
        return replace(blank, outcome=Outcome.UNGRADED, note="The machine was too busy.")
    flags = ("imports socket", "opens a file: refused") if draw.random() < 0.01 else ()
    if draw.random() < 0.75 - 0.1 * place + gift:
        return replace(right, flags=flags)
    return replace(draw.choice(wrong), flags=flags)


@cache
def stubs() -> dict[str, str]:
    """What was handed out."""
    return {entry.id: catalog.pristine(entry.id) for entry in catalog.exercises()}


def alike(report: ClassReport) -> tuple[Alike, ...]:
    """The groups among every seventh learner: since the deal repeats itself, all would be groups."""
    comparison = Comparison(stubs())
    for place, submission in enumerate(report.submissions):
        if place % 7 < 2:
            comparison.add(submission)
    return comparison.groups()


def drawing(trace: Any, finding: Finding, /, *, title: str) -> str:
    """A stand-in for a timeline, of its size and with its parts: a style, ids, texts."""
    rects = "".join(f'<rect x="{n * 4}" y="20" width="3" height="8"/>' for n in range(100))
    key = f"k{crc32(title.encode()):x}"
    return (
        f'<svg class="bpt" aria-labelledby="{key}t" width="960" height="60" style="height:auto">'
        f'<title id="{key}t">{escape(title)}</title><style>.bpt text{{fill:var(--ink)}}</style>'
        f'<defs><pattern id="{key}" width="4" height="4"/></defs>'
        f'<text x="4" y="12">{escape(harmless(finding.message))} id="{key}"</text>'
        f'{rects}<rect fill="url(#{key})" width="9" height="9"/></svg>'
    )


def failing() -> ExerciseResult:
    """A real verdict on a mistake."""
    return _graded()[EXERCISES[1]][1]


def nasty_class() -> ClassReport:
    """Six learners whose names, code, messages, prints and files try to be markup."""
    results = {name: found[1] for name, found in _graded().items()}
    submissions = [
        SubmissionResult(
            text,
            tuple(_nasty(result, text) for result in results.values()),
            (Sender("canvas", "1", text, text, text),),
            late=True,
            note=text,
            unused=(Unused(text, text),),
        )
        for text in NASTY
    ]
    return ClassReport(1, EXERCISES, submissions, (Unused(NASTY[0], NASTY[1]),))


def _nasty(result: ExerciseResult, text: str) -> ExerciseResult:
    source = f"{text}\n" * 5
    checks = tuple(
        replace(check, message=f"{text} in `{text}`", line=2)
        if check.outcome is Outcome.FAILED
        else check
        for check in result.checks
    )
    return replace(result, checks=checks, source=source, note=text, flags=(text,))


def by_hand() -> ClassFigures:
    """The figures of twelve learners, for screens that are kept."""
    titles = ("Add maxsize", "Build the retry loop", "Fix the missing task_done")
    names = ("ex1_add_maxsize", "ex2_build_retry_loop", "ex5_fix_task_done")
    scores = (20, 20, 20, 17, 15, 15, 12, 10, 9, 6, 3, 0)
    outcomes = (
        {Outcome.PASSED: 11, Outcome.MISSING: 1},
        {Outcome.PASSED: 8, Outcome.FAILED: 3, Outcome.NOT_STARTED: 1},
        {Outcome.PASSED: 3, Outcome.FAILED: 5, Outcome.NOT_STARTED: 2, Outcome.UNGRADED: 2},
    )
    learners = tuple(
        LearnerFigures(
            number,
            f"{number:02d}",
            f"{FIRST[number]} {LAST[number]}",
            score,
            20,
            tuple(
                (name, Outcome.PASSED if score == 20 else Outcome.FAILED, 0, 0) for name in names
            ),
            flags=number == 5,
            late=number in (3, 9),
            ungraded=number == 12,
        )
        for number, score in enumerate(scores, 1)
    )
    mistakes = (
        MisconceptionFigures("task-done-missing-when-given-up", 5, ((names[2], 5),)),
        MisconceptionFigures("one-try-too-many", 3, ((names[1], 2), (names[2], 1))),
    )
    return ClassFigures(
        seed=20260,
        exercises=tuple(
            ExerciseFigures(name, title, 7, found)
            for name, title, found in zip(names, titles, outcomes, strict=True)
        ),
        misconceptions=mistakes,
        learners=learners,
        scores=bins(scores[:-1], 20),
        max_score=20,
        median=15,
        mean=13.4,
    )


GROUPS = (
    Alike("ex2_build_retry_loop", Likeness.RENAMED, ("02", "07")),
    Alike("ex2_build_retry_loop", Likeness.NEARLY, ("03", "04", "08"), 0.78),
    Alike("ex5_fix_task_done", Likeness.SAME, ("02", "07")),
)
