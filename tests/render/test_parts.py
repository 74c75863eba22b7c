"""The parts of the screens, where the snapshots do not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.text import Text

from grader.render.columns import Columns
from grader.render.exercise import Exercise
from grader.render.foreign import harmless
from grader.render.glyphs import ASCII, UNICODE
from grader.render.hint import Hint
from grader.render.invocation import Invocation
from grader.render.layout import Hanging, Heading
from grader.render.listing import Listed, Listing
from grader.render.onward import LONGEST_AGAIN, Onward
from grader.render.prints import Prints
from grader.render.progress import Progress
from grader.render.source import SourceLine
from grader.render.words import counted, short
from grader.results import ExerciseResult, Outcome
from grader.trace import Trace
from tests.render import samples
from tests.render.drawing import draw

TYPED = Invocation()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]text[/red]", "plain [red]text[/red]"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2Jcleared", "\\x1b[2Jcleared"),
        ("bell\x07 back\x08 C1 \x9b2J", "bell\\x07 back\\x08 C1 \\x9b2J"),
        ("a\tb\r\nc\rd", "a    b\nc\\rd"),
        ("right\u202eleft \u2028 \ud800", "right\\u202eleft \\u2028 \\ud800"),
        ("é 日本 👩\u200d💻", "é 日本 👩\u200d💻"),
    ],
)
def test_harmless(text: str, shown: str) -> None:
    """Colours go, other controls are shown by their codes, and letters of all kinds stay."""
    assert harmless(text) == shown


def test_harmless_cuts() -> None:
    """A text that is too long is cut where one sees it."""
    assert harmless("x" * 9, most=4) == "xxxx..."
    assert harmless("x" * 4, most=4) == "xxxx"


def test_every_outcome_has_its_sign_twice() -> None:
    """No outcome is shown by an empty sign, in neither set, and the twins are ASCII."""
    for outcome in Outcome:
        assert UNICODE.of(outcome)
        assert ASCII.of(outcome).isascii()


def test_hanging_keeps_the_lines_of_a_text() -> None:
    """A paragraph of several lines stays below its first word."""
    assert draw(Hanging("- ", "one two three\nfour", 1), 12) == " - one two\n   three\n   four\n"


def test_heading_without_room() -> None:
    """A heading gives up its aside first, then its end."""
    assert draw(Heading("Title", "aside"), 30) == "── Title ──────────── aside ──\n"
    assert draw(Heading("Title", "aside"), 16) == "── Title ───────\n"
    assert draw(Heading("A long title", "aside"), 10) == "── A long \n"


def test_columns_give_way_in_one_place() -> None:
    """Only the column that may wrap gets narrower, down to a least width."""
    columns = Columns(("", "Words", "N"), wraps=1, numbers=1)
    columns.add(Text("*"), Text("some words that are wrapped"), Text("10"))
    assert draw(columns, 22) == ("   Words             N\n*  some words that  10\n   are wrapped\n")


@pytest.mark.parametrize("line", [0, 99])
def test_no_such_line(line: int) -> None:
    """A line that the source does not have is not shown, and is no error."""
    assert draw(SourceLine("a\nb\n", line)) == ""


def test_counts_lines_as_python_does() -> None:
    """Form feeds and other separators do not end a line of Python; returns do."""
    assert draw(SourceLine("a\x0cb\r\nc\rd", 3, around=1)) == "      2 │ c\n    > 3 │ d\n"


@pytest.mark.parametrize(
    ("line", "caret", "below"),
    [
        ("    x = wrnog + 1", (8, 13), "    ^^^^^"),
        ("    ä, 漢 = wrnog", (14, 19), "        ^^^^^"),
        ("\tx = wrnog", (5, 10), "    ^^^^^"),
        ("    wrnog()", (4, 11), ""),  # all of it
        ("    x = 1", (90, 99), ""),
        ("    x = 1", (1, 3), ""),
        ("    x = 1", None, ""),
    ],
)
def test_a_caret_is_below_what_it_marks(
    line: str, caret: tuple[int, int] | None, below: str
) -> None:
    """Columns count bytes of the file, whatever is left out of a line and however wide it is."""
    drawn = draw(SourceLine(f"if y:\n{line}\n", 2, around=0, caret=caret)).splitlines()
    assert [row.partition("│ ")[2] for row in drawn[1:]] == ([below] if below else [])


def test_nothing_printed() -> None:
    """No heading stands over prints that are not there."""
    assert draw(Prints(Trace(samples.trace()))) == ""


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (replace(samples.not_started(), path=""), "`ex4_add_jitter.py` is as it came"),
        (samples.exercise(1, "Add maxsize", Outcome.PASSED), "ex1 │ Add maxsize"),
    ],
)
def test_exercise_with_little_to_show(result: ExerciseResult, words: str) -> None:
    """An exercise without a path or without checks is shown all the same."""
    assert words in draw(Exercise(result))


def test_onward_after_a_part() -> None:
    """What passes while other exercises were not graded leads on to them."""
    following = ("ex2_build_retry_loop", "Build the retry loop")
    one = draw(Onward(samples.report(samples.done()), TYPED, complete=False, following=following))
    assert one.startswith("ex1 passes. Well done! What you learned:\n  ex1  A full queue ")
    assert "nox -s grade -- solution ex1" in one
    assert "nox -s grade -- timeline ex1" in one
    assert one.endswith(
        "Next: ex2, Build the retry loop: open `exercises/ex2_build_retry_loop.py`\n"
    )
    two = samples.report(samples.done(), samples.done(2))
    assert draw(Onward(two, TYPED, complete=False)).startswith("All of these pass.")


def test_onward_after_a_fault() -> None:
    """A fault of the grader gives the learner nothing to mend."""
    text = draw(Onward(samples.report(samples.ungraded()), TYPED, complete=True))
    assert text == "Next: show this to whoever gave you the course; your work is not lost.\n"


def test_onward_repeats_the_first_failure() -> None:
    """Also where it kept all others from running: they stand between it and the end of the screen."""
    result = samples.exercise(
        1, "Add maxsize", Outcome.FAILED, samples.failed(), samples.not_run("It.")
    )
    text = draw(Onward(samples.report(result), TYPED, complete=True))
    assert text.startswith(f"First: {samples.failed().message.split()[0]}")


@pytest.mark.parametrize("message", ["a word and another " * 30, "unbroken" * 99, "short"])
def test_a_repeated_message_is_cut_between_words(message: str) -> None:
    """Of a long sentence whole words are left; a word that is longer than the rest is cut anywhere."""
    failed = samples.failed(message=message)
    result = samples.exercise(1, "Add maxsize", Outcome.FAILED, failed, samples.not_run("It."))
    text = draw(Onward(samples.report(result), TYPED, complete=True), 400)
    first = text.partition("\n")[0].removeprefix("First: ")
    assert len(first) <= LONGEST_AGAIN + len("...")
    if " " in message:
        assert set(first.split()) == {*message.split(), "..."}
    else:
        assert message.startswith(first.removesuffix("..."))


def test_onward_without_a_line() -> None:
    """A failure with no line to blame names the file alone."""
    result = samples.exercise(1, "Add maxsize", Outcome.FAILED, samples.failed(line=None))
    text = draw(Onward(samples.report(result), TYPED, complete=True))
    assert text.startswith("Next: open `exercises/ex1_add_maxsize.py`\n")


def test_hint_levels() -> None:
    """The last hint says that it is, and one that was shown before says that."""
    result, check = samples.wrong_backoff(), samples.failed()
    assert "the last hint" in draw(Hint(result, check, TYPED, level=3))
    assert "again" in draw(Hint(result, check, TYPED, level=3, again=True))
    assert "no hint" in draw(Hint(result, replace(check, hints=()), TYPED))


def test_hint_without_a_failure() -> None:
    """What was not judged says why, and how to go on where there is a way."""
    stub = samples.not_started()
    assert "Hint 1 of 3" in draw(Hint(stub, stub.checks[0], TYPED, level=1))
    assert "nox -s grade -- reset ex4" in draw(Hint(samples.missing(), None, TYPED))
    assert "its fault, not yours" in draw(Hint(samples.ungraded(), None, TYPED))


def test_list_of_a_finished_course() -> None:
    """Where all is done nothing is marked as next."""
    text = draw(Listing((Listed("ex1_a", "A", Outcome.PASSED, 1, 1),), TYPED))
    assert "*" not in text
    assert "All of them passed" in text


def test_progress_of_an_exercise_that_never_started() -> None:
    """An exercise whose checks were not run has a line that claims nothing."""
    progress = Progress()
    progress.exercise_ended(samples.missing())
    assert draw(progress) == "ex4  0 of 0 checks\n"


def test_words() -> None:
    """Numbers agree with their nouns, and ids are cut to what one types."""
    assert counted(1, "retry", "retries") == "1 retry"
    assert counted(2, "retry", "retries") == "2 retries"
    assert short("ex12_some_thing") == "ex12"
    assert short("warm_up") == "warm_up"


def test_invocation() -> None:
    """A command is one to copy, also when there is nothing to say after the program."""
    assert TYPED.command("") == "nox -s grade"
    assert Invocation("g", "--from x").command("hint 2") == "g hint 2 --from x"
    assert Invocation("g", "--from x").command("") == "g --from x"
