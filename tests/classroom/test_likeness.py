"""Which submissions look alike, and which honest ones do not."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import combinations
from keyword import iskeyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.class_results import Alike, Likeness, SubmissionResult
from grader.classroom import likeness
from grader.classroom.likeness import ALIKE, TELLING, Comparison
from grader.course import catalog
from grader.results import ExerciseResult
from tests.corpus import EXERCISES, load

EX2 = EXERCISES[1]


@cache
def _stubs() -> Mapping[str, str]:
    return {entry.id: catalog.pristine(entry.id) for entry in catalog.exercises()}


@cache
def _right(exercise: str) -> tuple[str, ...]:
    """Right submissions, each written in a style of its own: none that says it is another's variant."""
    found = [one for one in load() if (one.exercise, one.label) == (exercise, "right")]
    texts = (one.path.read_text("utf-8") for one in found)
    return tuple(text for text in texts if "\n# contract: a variant of " not in text)


def _groups(*files: str, exercise: str = EX2) -> tuple[Alike, ...]:
    """The groups among these files, which are from submissions called 0, 1, ..."""
    return _compared((f"{n}", {exercise: text}) for n, text in enumerate(files))


def _compared(class_: Iterable[tuple[str, Mapping[str, str]]]) -> tuple[Alike, ...]:
    comparison = Comparison(_stubs())
    for name, files in class_:
        results = tuple(ExerciseResult(one, one, 1, source=text) for one, text in files.items())
        comparison.add(SubmissionResult(name, results))
    return comparison.groups()


def _renamed(source: str) -> str:
    """The same with other names for what the author named freely, as a copier would do."""
    words = Counter(re.findall(r"(?<![\w.\"'])([a-z_]{3,})\b(?!\s*=[^=]|\")", source))
    fixed = {"asyncio", "random", "time", "import", "from", "stats", "name", "items"}
    for place, word in enumerate(word for word in words if word not in fixed):
        if not iskeyword(word) and word not in likeness._KEPT:
            source = re.sub(rf"(?<!\.)\b{word}\b", f"thing{place}", source)
    return source


def _reordered(source: str) -> str:
    """The same with its top-level functions and classes in another order."""
    parts = re.split(r"(?m)^(?=(?:async def|def|class|@))", source)
    return parts[0] + "".join(reversed(parts[1:]))


def _recommented(source: str) -> str:
    lines = [f"{line}  # so that it works\n\n" for line in source.split("\n") if line.strip()]
    whole = '"""All my own work."""\n' + "".join(lines)
    return whole if '"""' not in source else '"""All my own work."""\n# mine\n' + source


def _shortened(source: str) -> str:
    """The same without its last statements."""
    lines = source.rstrip().split("\n")
    return "\n".join([*lines[:-1], "    pass" if lines[-1].startswith(" ") else "pass"])


@pytest.mark.parametrize("exercise", EXERCISES)
def test_independent_right_submissions_are_not_grouped(exercise: str) -> None:
    """Many people may solve the same small exercise without being suspected of anything."""
    lesson = {entry.id for entry in catalog.tracks()["lesson"]}
    assert len(_right(exercise)) > (15 if exercise in lesson else 7)
    assert _groups(*_right(exercise), exercise=exercise) == ()


@pytest.mark.parametrize("exercise", [entry.id for entry in catalog.tracks()["lesson"]])
def test_honest_solutions_within_the_stub_are_not_grouped(exercise: str) -> None:
    """Who fills in what the lesson's TODOs ask for writes what all others write, and nobody looks."""
    solution = catalog.resolve(exercise).solution.read_text("utf-8")
    assert _groups(solution, solution, _stubs()[exercise], exercise=exercise) == ()


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize(
    ("disguise", "expected"),
    [
        (_recommented, {Likeness.SAME}),
        (_renamed, {Likeness.RENAMED}),
        (_reordered, {Likeness.NEARLY, Likeness.SAME}),  # there may be but one function
        (_shortened, set(Likeness)),  # some end with `pass`
        (lambda source: _reordered(_renamed(_recommented(source))), set(Likeness)),
    ],
    ids=["comments", "names", "order", "end", "all"],
)
def test_disguised_copies_are_grouped(
    exercise: str, disguise: Callable[[str], str], expected: set[Likeness]
) -> None:
    """A copy is found behind other comments, names or another order, and nobody else is with it."""
    originals = _right(exercise)
    groups = _groups(*originals, *(disguise(source) for source in originals), exercise=exercise)
    found = {group.submissions: group for group in groups}
    count = len(originals)
    pairs = {(f"{n}", f"{n + count}") for n in range(count)}
    assert set(found) <= pairs
    assert len(found) >= 0.9 * count
    assert {group.likeness for group in groups} <= expected


def test_levels() -> None:
    """Same, renamed and nearly are told apart, and a group is what holds for all of it."""
    one = _right(EX2)[0]
    names = _renamed(one)
    (same,) = _groups(one, one + "\n# a comment\n")
    (renamed,) = _groups(one, one, names)
    (nearly,) = _groups(one, _shortened(names), one)
    assert (same.likeness, same.submissions, same.share) == (Likeness.SAME, ("0", "1"), 1.0)
    assert (renamed.likeness, renamed.submissions) == (Likeness.RENAMED, ("0", "1", "2"))
    assert (nearly.likeness, nearly.submissions) == (Likeness.NEARLY, ("0", "1", "2"))
    assert ALIKE <= nearly.share < 1


def test_order_of_the_groups() -> None:
    """By exercise, then the most alike first, then the largest; members in the class's order."""
    one, two, three, *_ = _right(EX2)
    files = [one, two, _shortened(one), three, two, three, three]
    groups = [*_groups(*files)]
    assert [group.submissions for group in groups] == [("3", "5", "6"), ("1", "4"), ("0", "2")]
    other = _right(EXERCISES[0])[0]
    both = _compared(
        [("b", {EX2: one, EXERCISES[0]: other}), ("a", {EXERCISES[0]: other, EX2: one})]
    )
    assert [(group.exercise, group.submissions) for group in both] == [
        (EXERCISES[0], ("b", "a")),
        (EX2, ("b", "a")),
    ]


def test_what_cannot_be_compared() -> None:
    """Missing files and exercises of another course are passed over."""
    assert _compared([("a", {EX2: ""}), ("b", {"ex9_other": _right(EX2)[0]}), ("c", {})]) == ()


def test_files_with_syntax_errors_are_compared() -> None:
    """A copy that does not even compile is a copy."""
    broken = _right(EX2)[3].replace("while True:", "while True", 1) + '\nx = """never closed'
    (group,) = _groups(broken, broken.replace("item", "thing"))
    assert group.submissions == ("0", "1")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ('"""doc"""\nx = 1  # why', "n = 1"),
        ("def f(x):\n    'doc'\n    return 'a#b'\n", "def n ( n ) : return s"),
        ('f(\n  \'an argument\',\n  b"x\\"y",\n)', "n ( s , s , )"),
        ("q.task_done(); print(f'{q!r} {x:.3f}')", "n . task_done ( ) ; print ( s )"),
        ("x **= 1_000 // 0xFF; y: int = -.5e3", "n **= 1_000 // 0xFF ; n : int = - .5e3"),
        ("a = b \\\n  if c else d", "n = n if n else n"),
        ('s = \'open\nt = """open too', "n = s n = s"),
        ("größe = 名前 @ 2", "n = n @ 2"),
        ("\r\n\x0c\tx\r\n", "n"),
    ],
)
def test_tokens(text: str, tokens: str) -> None:
    """Comments, docstrings and blank space go; free names and texts become one sign each."""
    assert " ".join(shape for _, shape in likeness._scan(text)) == tokens


@given(st.text(alphabet="ab#'\"\\\n (){}[].=1\r\t\0é", max_size=60))
def test_any_text_becomes_tokens(text: str) -> None:
    """Whatever is handed in can be read, and nothing but blanks, comments and texts is lost."""
    tokens = likeness._scan(text)
    assert all(written.strip() and written in text for written, _ in tokens)
    assert _groups(text, text) == ()


@given(st.lists(st.sets(st.integers(0, 14), min_size=1, max_size=12), max_size=12))
def test_pairs_are_those_of_a_comparison_of_all_with_all(files: list[set[int]]) -> None:
    """The index leaves out no pair that is alike, and adds none."""
    found = {(a, b): share for a, b, share in likeness._pairs([sorted(file) for file in files])}
    expected = {}
    for (a, one), (b, other) in combinations(enumerate(files), 2):
        share = len(one & other) / len(one | other)
        if share >= ALIKE:
            expected[a, b] = share
    assert found == expected


def test_a_large_class_keeps_little() -> None:
    """Equal texts are read once, and a file keeps a bounded number of shingles, however long."""
    draw = random.Random(1)
    long = "\n".join(f"a{n} = {draw.random()} + b.c{n}({n})" for n in range(5_000))
    comparison = Comparison(_stubs())
    for number in range(300):
        comparison.add(SubmissionResult(f"{number}", (ExerciseResult(EX2, EX2, 1, source=long),)))
    (kept,) = filter(None, comparison._known.values())
    assert len(kept.shingles) == likeness.MOST
    (group,) = comparison.groups()
    assert len(group.submissions) == 300


def test_the_thresholds_have_room_on_both_sides() -> None:
    """Independent right submissions stay well below the threshold, and nearly all tell enough."""
    lesson = {entry.id for entry in catalog.tracks()["lesson"]}
    for exercise in EXERCISES:
        stub = likeness._shingles(likeness._scan(_stubs()[exercise]))
        own = [likeness._shingles(likeness._scan(text)) - stub for text in _right(exercise)]
        assert sorted(map(len, own))[len(own) // 10] > TELLING, exercise
        highest = max(len(a & b) / len(a | b) for a, b in combinations(own, 2))
        # Less of a practice exercise is the learner's own.
        room = 0.1 if exercise in lesson else 0.02
        assert highest < ALIKE - room, exercise
