"""A class in figures: what is counted, and what an example gives away."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.class_results import Alike, ClassReport, Likeness, Sender, SubmissionResult
from grader.render.class_figures import ClassFigures
from grader.render.class_tally import MOST_BINS, bins, class_figures, name_of
from grader.render.class_views import alike_views, chart, in_words, row_views
from grader.render.example import AROUND, HIDDEN, Example, example_of, lines_around
from grader.results import CheckResult, ExerciseResult, Outcome
from tests.render import classes, samples

EX = "ex1"


def _class(*submissions: SubmissionResult) -> ClassReport:
    return ClassReport(7, (EX,), submissions)


def _submission(name: str, *results: ExerciseResult, **changes: object) -> SubmissionResult:
    return replace(SubmissionResult(name, results), **changes)  # type: ignore[arg-type]  # of a test


def _result(
    *checks: CheckResult, exercise: str = EX, outcome: Outcome = Outcome.FAILED
) -> ExerciseResult:
    most = sum(check.max_score for check in checks) or 4
    return ExerciseResult(exercise, "Title", most, outcome, checks, source=samples.SOURCE)


def test_counts_of_a_real_class() -> None:
    """The figures of a class of 300 are those that one counts by hand."""
    report = classes.make_class(300)
    figures = class_figures(report)
    everyone = list(report.submissions)
    assert [one.submission for one in figures.learners] == [one.submission for one in everyone]
    for number, exercise in enumerate(figures.exercises):
        results = [one.exercises[number] for one in everyone]
        assert exercise.outcomes == Counter(result.outcome for result in results)
        assert exercise.started == exercise.passed + exercise.of(Outcome.FAILED)
        for check in exercise.checks:
            seen = [
                one.outcome
                for result in results
                if result.outcome in (Outcome.PASSED, Outcome.FAILED)
                for one in result.checks
                if one.check == check.check
            ]
            assert Counter(seen) == +Counter(
                {
                    Outcome.PASSED: check.passed,
                    Outcome.FAILED: check.failed,
                    Outcome.NOT_RUN: check.not_run,
                }
            )
    graded = [one.score for one in everyone if not one.ungraded]
    assert sum(one.learners for one in figures.scores) == len(graded)
    assert figures.mean == pytest.approx(sum(graded) / len(graded))
    assert figures.complete == sum(one.score == one.max_score for one in everyone)


def test_a_mistake_counts_once_for_a_learner() -> None:
    """However many checks and exercises show it; the exercises are counted each."""
    twice = _result(samples.failed(), samples.failed(check="test_b"))
    again = replace(twice, exercise="ex2")
    figures = class_figures(_class(_submission("a", twice, again), _submission("b", twice)))
    (one,) = figures.misconceptions
    assert (one.code, one.learners) == ("constant-delay", 2)
    assert one.exercises == ((EX, 2), ("ex2", 1))
    assert figures.learners[0].mistakes == ("constant-delay",)


def test_mistakes_in_order() -> None:
    """The most frequent first, equals by their codes; failures without a code are counted apart."""
    other = samples.failed(misconception="another-one")
    nameless = samples.failed(check="test_nameless", misconception=None)
    figures = class_figures(
        _class(
            _submission("a", _result(samples.failed(), nameless)),
            _submission("b", _result(other)),
            _submission("c", _result(samples.failed())),
        )
    )
    assert [one.code for one in figures.misconceptions] == ["constant-delay", "another-one"]
    assert [c.unrecognised for c in figures.exercises[0].checks] == [0, 1]


def test_the_clearest_example() -> None:
    """It is from whoever does little else wrong, and has the shortest file."""
    messy = _result(samples.failed(), samples.failed(check="test_b", misconception="other"))
    clear = _result(samples.failed(message="this one"))
    long = replace(clear, source=samples.SOURCE + "\n" * 50)
    nowhere = _result(samples.failed(line=None, message="no line"))
    only = class_figures(_class(_submission("0", nowhere))).misconceptions[0].example
    assert only == Example(EX, (), "no line")
    rows = [_submission(f"{n}", one) for n, one in enumerate((nowhere, messy, long, clear, messy))]
    (one, _) = class_figures(_class(*rows)).misconceptions
    assert one.example is not None
    assert one.example.message == "this one"


def test_who_needs_a_look() -> None:
    """Ungraded ones are no part of the scores; flags, late and nameless ones are kept."""
    fine = _result(samples.passed(), outcome=Outcome.PASSED)
    figures = class_figures(
        _class(
            _submission("a", fine, late=True),
            _submission("b", replace(fine, outcome=Outcome.UNGRADED)),
            _submission("c", note="The archive is encrypted."),
            _submission("d", replace(fine, flags=("imports socket",))),
        )
    )
    assert [one.submission for one in figures.ungraded] == ["b", "c"]
    assert [one.submission for one in figures.flagged] == ["d"]
    assert [one.submission for one in figures.late] == ["a"]
    assert figures.learners[2].note == "The archive is encrypted."
    assert figures.complete == 2
    assert (figures.median, figures.mean) == (1, 1)


def test_nobody() -> None:
    """An empty class has no median, and exercises that nobody handed in."""
    figures = class_figures(_class())
    assert (figures.median, figures.mean, figures.scores) == (None, None, ())
    assert figures.exercises[0].outcomes == {}
    assert chart(figures.scores).columns == ()
    assert figures == ClassFigures(7, figures.exercises)


def test_names() -> None:
    """A group's work has all its names, and what has none its entry's."""
    two = (Sender(name="Ada"), Sender(name=" "), Sender(name="Grace"))
    assert name_of(SubmissionResult("x", senders=two)) == "Ada, Grace"
    assert name_of(SubmissionResult("x", senders=(Sender(id="1"),))) == "x"


@given(
    st.integers(0, 500).flatmap(
        lambda most: st.tuples(st.just(most), st.lists(st.integers(0, most)))
    )
)
def test_bins(drawn: tuple[int, list[int]]) -> None:
    """Every score is in one bin, the bins leave no gap, and full marks have their own."""
    most, scores = drawn
    found = bins(scores, most)
    assert sum(one.learners for one in found) == len(scores)
    assert len(found) <= MOST_BINS
    if scores:
        assert [one.low for one in found[1:]] == [one.high + 1 for one in found[:-1]]
        assert (found[0].low, found[-1].low, found[-1].high) == (0 if most else most, most, most)
        assert found[-1].learners == scores.count(most)
    columns = chart(found).columns
    assert all(column.height >= 0 and column.y >= 0 for column in columns)


def _example(source: str, line: int, **sender: str) -> list[str]:
    submission = SubmissionResult("42_whoever", senders=(Sender(**sender),) if sender else ())
    result = replace(_result(), source=source)
    check = samples.failed(line=line, message="Ada Lovelace's item 7 waited.")
    found = example_of(submission, result, check)
    return [*(row.code for row in found.lines), found.message]


def test_an_example_has_no_name() -> None:
    """Comments go; names, numbers and addresses of the sender are blotted out, code is left."""
    source = (
        "async def ada_consumer(q):  # by Ada\n"
        "    print('LOVELACE says # hi', 's1234')\n"
        '    mail = "ada@example.org"  # "quoted"\n'
        "    data = adamant\n"
    )
    assert _example(source, 2, name="Ada Lovelace", sid="s1234", email="ada@example.org") == [
        f"async def {HIDDEN}_consumer(q):",
        f"    print('{HIDDEN} says # hi', '{HIDDEN}')",
        f'    mail = "{HIDDEN}@{HIDDEN}.{HIDDEN}"',
        "    data = adamant",
        f"{HIDDEN} {HIDDEN}'s item 7 waited.",
    ]


def test_an_example_without_a_sender() -> None:
    """The entry's name stands for the person; keywords stay what they are."""
    assert _example("whoever = 42\n", 1)[0] == f"{HIDDEN} = {HIDDEN}"
    assert _example("if True: pass", 1, name="If True")[0] == "if True: pass"


def test_lines_around() -> None:
    """A window of lines, dedented and cut, however the file's lines end."""
    source = "a\r\n    b\r    c = '" + "x" * 200 + "'\n    d\n"
    found = lines_around(source, 3, 1)
    assert [row.number for row in found] == [2, 3, 4]
    assert [row.guilty for row in found] == [False, True, False]
    assert [row.code[:3] for row in found] == ["b", "c =", "d"]
    assert found[1].code.endswith(HIDDEN)
    assert lines_around(source, 9, AROUND) == lines_around("", 1, 1) == ()
    assert lines_around(source, None, 1) == ()


def test_groups_with_the_most_in_common_come_first() -> None:
    """Who agrees in several exercises comes first, and it says in which, and how many do."""
    report = classes.make_class(40)
    figures = class_figures(report)
    a, b, c, d = (one.submission for one in figures.learners[:4])
    one, two = classes.EXERCISES[:2]
    groups = alike_views(
        (
            Alike(one, Likeness.SAME, (c, d)),
            Alike(one, Likeness.NEARLY, (a, b, c), 0.7149),
            Alike(two, Likeness.RENAMED, (a, b, d)),
        ),
        figures,
    )
    assert [group.also for group in groups] == [((two, 2),), ((one, 2),), ()]
    assert groups[0].words == "nearly the same (71 % in common)"
    assert [member.number for member in groups[0].members] == [1, 2, 3]
    assert not any(group.common for group in groups)
    rows = list(row_views(figures, groups))
    assert {"alike", "g:1", "g:2"} <= set(rows[0].tags.split())
    assert "looks alike" in rows[0].notes
    assert "alike" not in rows[20].tags.split()


def test_what_many_write_may_be_the_obvious_way() -> None:
    """A group that is a tenth of the class says so."""
    figures = class_figures(classes.make_class(40))
    names = tuple(one.submission for one in figures.learners)
    few, many = alike_views(
        (Alike(EX, Likeness.SAME, names[:4]), Alike(EX, Likeness.SAME, names[:5])), figures
    )
    assert (few.common, many.common) == (False, True)


def test_without_a_catalogue() -> None:
    """A misconception nobody has described has at least the words of its code."""
    assert in_words("one-try-too-many") == ("One try too many.", "")
