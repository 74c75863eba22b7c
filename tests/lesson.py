"""Draws the pictures of the lesson and measures its prose: `python -m tests.lesson [--update]`.

A page asks for a picture by its name: `<exercise>-stub.svg` shows the exercise as it is handed out,
`<exercise>-solution.svg` the reference, in the scenario that the grader would show. A number at the end,
`<exercise>-solution-3.svg`, asks for that of another check.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import re
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Group, RenderableType

from grader import judge
from grader.cli.herding import herd, herds
from grader.course import pages
from grader.course.catalog import find_root, resolve
from grader.render.herd import Herd
from grader.render.herd_view import HerdView
from grader.render.layout import GAP
from grader.render.measures import read
from grader.render.ruler import ruler
from grader.render.ruler_view import RulerView
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import finding_of
from grader.render.timeline.telling import telling_check
from grader.render.timeline.view import Timeline
from grader.render.timeline_files import picture
from grader.results import CheckResult, ExerciseResult
from tests.render.drawing import draw

__all__ = ["drawn", "examples", "grade_of", "names", "pictures", "prose", "ran", "words"]

SEED = 5
WIDTH = 60  # columns of a picture as text
FOLDERS = {"stub": "exercises", "solution": "solutions"}
_EXAMPLE = re.compile(
    r"^```python\n(.*?)^```\n\n(?:[^`\n]+\n\n)?```text\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def names() -> tuple[str, ...]:
    """All pages, by their names."""
    return tuple(sorted(file.stem for file in pages.folder().glob("*.md")))


# -- pictures -----------------------------------------------------------------------------------


def pictures() -> tuple[str, ...]:
    """The pictures that the pages ask for, by their names."""
    texts = [(pages.folder() / f"{name}.md").read_text("utf-8") for name in names()]
    return tuple(sorted({one["name"] for text in texts for one in pages.IMAGE.finditer(text)}))


def drawn(name: str) -> dict[str, str]:
    """A picture as it is drawn today: the texts of its files by their names."""
    exercise, kind, *number = name.split("-")
    result = _graded(exercise, kind)
    check = result.checks[int(number[0]) - 1] if number else telling_check(result)
    crowd = herd(result, SEED) if herds(result.exercise) else None
    view = _view(check, crowd)
    return {
        f"{name}.svg": picture(result, check, crowd),
        f"{name}.txt": draw(view, WIDTH).rstrip() + "\n",
        f"{name}-ascii.txt": draw(view, WIDTH, "ascii").rstrip() + "\n",
    }


@cache
def _graded(exercise: str, kind: str) -> ExerciseResult:
    folder = find_root() / FOLDERS[kind]
    (result,) = judge.grade([resolve(exercise)], folder, seed=SEED, stubs=True).exercises
    return result


def _view(check: CheckResult | None, crowd: Herd | None) -> Group:
    """The timeline, and below it the pauses and the crowd if there are any."""
    raw = check.observation.trace if check is not None else None
    drawing, trace = draw_raw(raw, finding_of(check)), read(raw)
    assert drawing is not None, "nothing ran"
    assert trace is not None
    parts: list[RenderableType] = [Timeline(drawing)]
    if (beside := ruler(trace)) is not None:
        parts += [GAP, RulerView(beside)]
    if crowd is not None:
        parts += [GAP, HerdView(crowd)]
    return Group(*parts)


# -- examples -----------------------------------------------------------------------------------


def examples(name: str) -> list[tuple[str, str]]:
    """The programs of a page, each with the output that the page shows below it."""
    return _EXAMPLE.findall((pages.folder() / f"{name}.md").read_text("utf-8"))


def ran(program: str) -> str:
    """What a program prints when its waits take no time."""
    printed = io.StringIO()
    clock = _Clock()
    with (
        contextlib.redirect_stdout(printed),
        mock.patch.object(asyncio.events, "new_event_loop", partial(_QuickLoop, clock)),
        mock.patch.object(time, "perf_counter", clock.time),
    ):
        exec(compile(program, "<example>", "exec"), {"__name__": "__main__"})  # noqa: S102 - ours
    return printed.getvalue()


class _Clock:
    now = 0.0

    def time(self) -> float:
        return self.now


class _QuickLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer as soon as nothing else is left to do."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock
        selector: Any = self._selector  # type: ignore[attr-defined]
        really = selector.select

        def select(timeout: float | None = None) -> Any:
            assert timeout is not None, "the example waits for ever"
            clock.now = round(clock.now + max(0.0, timeout), 9)
            return really(0)

        selector.select = select

    def time(self) -> float:
        return self._clock.now


# -- prose --------------------------------------------------------------------------------------


def prose(name: str) -> str:
    """The sentences of a page: without code, pictures, headings and addresses.

    What a paragraph has in bold at its beginning belongs to the sentence behind it.
    """
    text = (pages.folder() / f"{name}.md").read_text("utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = pages.LINK.sub(lambda found: found["words"], pages.IMAGE.sub("", text))
    text = re.sub(r"[.?]\*\*", "", text)
    blocks = [block for block in text.split("\n\n") if not block.startswith("#")]
    apart = [re.sub(r"^(- |\d+\. )", "\n\n", block, flags=re.MULTILINE) for block in blocks]
    return "\n\n".join(apart).replace("`", "").replace("**", "")


def words(name: str) -> int:
    """The number of words in a page's prose."""
    return len(_words(prose(name)))


def grade_of(text: str) -> float:
    """The reading grade by Flesch and Kincaid (1975): school years needed to read a text."""
    sentences = [one for one in re.split(r"[.!?]+(?=\s|$)|\n\n", text) if _words(one)]
    found = _words(text)
    syllables = sum(_syllables(word) for word in found)
    return 0.39 * len(found) / len(sentences) + 11.8 * syllables / len(found) - 15.59


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+(?:'[a-z]+)?|\d[\d.,]*", text)


def _syllables(word: str) -> int:
    """Count groups of vowels; a silent e at the end is none. A number counts as one syllable."""
    word = word.lower()
    silent = re.search(r"[^aeiouyl]e$|[^td]ed$|[^aeiouscxzgh]es$", word) is not None
    return max(1, len(re.findall(r"[aeiouy]+", word)) - silent)


def _table() -> Iterator[str]:
    for name in names():
        yield f"{name:32} {words(name):4} words   grade {grade_of(prose(name)):4.1f}"


def main() -> int:
    """Print the pages' measures and which pictures are old; with `--update`, draw those anew."""
    parser = argparse.ArgumentParser(prog="python -m tests.lesson", description=__doc__)
    parser.add_argument("--update", action="store_true", help="draw the pictures anew")
    options = parser.parse_args()
    for line in _table():
        print(line)
    old = 0
    for name in pictures():
        for file, text in drawn(name).items():
            path: Path = pages.folder() / file
            if path.is_file() and path.read_text("utf-8") == text:
                continue
            old += 1
            print(f"{'drawn anew' if options.update else 'out of date'}: {file}")
            if options.update:
                path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if old and not options.update else 0


if __name__ == "__main__":
    sys.exit(main())
