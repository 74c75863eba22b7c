"""The corpus of labelled submissions: complete headers, enough files, no file twice."""

from __future__ import annotations

import ast
import builtins
import json
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import pytest

from grader.course import labelled
from tests.corpus import EXERCISES, ROOT, Labelled, MalformedHeader, load

CORPUS = load()
MODULES = tuple(one for one in CORPUS if one.label != "hostile")
LARGEST = 10_000  # bytes; what has to be larger is made at test time

GOOD = """\
# label: wrong
# exercise: ex1_add_maxsize
# misconception: unbounded-queue
# contract: ex1 point 1
# expect: Give the queue a bound.
"""


def _place(root: Path, text: str, where: str = "ex1_add_maxsize/wrong/some.py") -> None:
    path = root / where
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def _tree(one: Labelled) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # a mistake may be one
        return ast.parse(one.path.read_text(encoding="ascii"), one.path.name)


def _of_the_course(path: Path) -> bool:
    return labelled.header(path.read_bytes()).get("exercise") in EXERCISES


def test_every_file_is_loaded() -> None:
    """Each Python file below the root is one submission with an id of its own."""
    every = [path for path in sorted(ROOT.rglob("*.py")) if _of_the_course(path)]
    assert [one.path for one in CORPUS] == every
    assert len({one.id for one in CORPUS}) == len(CORPUS)


def test_header_is_read(tmp_path: Path) -> None:
    """A header's fields arrive in the record, and the verdict follows from the label."""
    _place(tmp_path, GOOD + "import asyncio\n# label: right\n")
    [one] = load(tmp_path)
    assert (one.label, one.exercise, one.slug) == ("wrong", "ex1_add_maxsize", "some")
    assert (one.misconception, one.verdict) == ("unbounded-queue", "reject")
    assert one.expect == "Give the queue a bound."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import asyncio\n", "label is one of"),
        (GOOD.replace("wrong", "bad"), "label is one of"),
        (GOOD.replace("# contract: ex1 point 1\n", ""), "starts with the lines"),
        (GOOD.replace("# expect: Give the queue a bound.\n", "# expect:\n"), "starts with"),
        (GOOD + "# verdict: reject\n", "starts with the lines"),
        (GOOD + "# label: wrong\n", "twice"),
        (GOOD.replace("ex1_add", "ex9_add"), "belongs into ex9_add_maxsize"),
        (GOOD.replace("ex1_add_maxsize", "ex3_add_backoff"), "belongs into ex3_add_backoff/wrong"),
        (GOOD.replace("unbounded-queue", "Unbounded queue"), "kebab-case"),
    ],
)
def test_malformed_header_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """A header that breaks the format raises an error that names the file and the fault."""
    _place(tmp_path, text)
    with pytest.raises(MalformedHeader, match=rf"some\.py: .*{words}"):
        load(tmp_path)


def test_unknown_verdict_is_refused(tmp_path: Path) -> None:
    """A hostile submission's verdict is one of three words."""
    text = GOOD.replace("label: wrong", "label: hostile")
    text = text.replace("misconception: unbounded-queue", "kind: clock\n# verdict: maybe")
    _place(tmp_path, text, "hostile/some.py")
    with pytest.raises(MalformedHeader, match="accept, reject, either"):
        load(tmp_path)


HOSTILE = GOOD.replace("label: wrong", "label: hostile").replace(
    "misconception: unbounded-queue", "kind: clock\n# verdict: reject"
)


def test_folder_of_exercises_is_one_case(tmp_path: Path) -> None:
    """The files of a hostile case's folder are submissions of one slug, with ids of their own."""
    _place(tmp_path, HOSTILE, "hostile/case/ex1_add_maxsize.py")
    second = HOSTILE.replace("ex1_add_maxsize", "ex2_build_retry_loop")
    (tmp_path / "hostile/case/ex2_build_retry_loop.py").write_text(second, encoding="utf-8")
    found = load(tmp_path)
    assert [(one.slug, one.kind, one.verdict) for one in found] == [("case", "clock", "reject")] * 2
    assert [one.id for one in found] == ["ex1-hostile-case", "ex2-hostile-case"]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (HOSTILE.replace("clock", "clocks"), "hostile/some.py", "the kind is one of"),
        (HOSTILE, "hostile/case/some.py", r"is named ex1_add_maxsize\.py"),
        (HOSTILE, "hostile/case/deeper/ex1_add_maxsize.py", r"is named ex1_add_maxsize\.py"),
        (HOSTILE, "hostile/ex1_add_maxsize.py", "belongs into hostile"),
    ],
)
def test_misplaced_hostile_file_is_refused(
    tmp_path: Path, text: str, where: str, words: str
) -> None:
    """A hostile submission has a kind, and lies in the folder or in that of its case."""
    _place(tmp_path, text, where)
    with pytest.raises(MalformedHeader, match=words):
        load(tmp_path)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_enough_submissions(exercise: str) -> None:
    """Each exercise has at least 25 wrong and 15 right submissions."""
    labels = Counter(one.label for one in CORPUS if one.exercise == exercise)
    assert labels["wrong"] >= 25
    assert labels["right"] >= 15


def test_files_are_small() -> None:
    """No file is larger than a learner's would be."""
    assert [one.id for one in CORPUS if one.path.stat().st_size > LARGEST] == []


class _Renamed(ast.NodeTransformer):
    """Gives every name of the learner's a number, in the order in which they come."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        for field in ("id", "arg", "name"):
            name = getattr(node, field, None)
            if not isinstance(name, str) or isinstance(node, (ast.keyword, ast.alias)):
                continue
            if not hasattr(builtins, name):
                setattr(node, field, self._names.setdefault(name, f"n{len(self._names)}"))
        body = getattr(node, "body", None)
        if isinstance(body, list):
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                del body[0]  # a docstring
            body[:] = [part for part in body if not _is_demo(part)]
        return super().generic_visit(node)


def _is_demo(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__main__" in ast.dump(node.test)


def test_no_two_files_are_the_same() -> None:
    """No two modules differ only in names, comments, docstrings and demos."""
    seen: dict[str, str] = {}
    twins = []
    for one in MODULES:
        shape = ast.dump(_Renamed().visit(_tree(one)))
        if shape in seen:
            twins.append((seen[shape], one.id))
        seen[shape] = one.id
    assert twins == []


def test_modules_import_and_define_what_is_called() -> None:
    """Each right or wrong module imports quietly and has the names that its exercise asks for."""
    # In a process of their own: some of them leave traces (a logging handler, say).
    child = """
import contextlib, importlib.util, io, json, sys
faults = []
for name, path in json.load(sys.stdin):
    printed = io.StringIO()
    spec = importlib.util.spec_from_file_location(f"corpus_{name}".replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    try:
        with contextlib.redirect_stdout(printed):
            spec.loader.exec_module(module)
    except BaseException as error:
        faults.append((name, repr(error)))
        continue
    needed = {"ex1": ["run_pipeline"], "ex5": ["run_pipeline", "consumer", "TransientError"]}
    for wanted in needed.get(name.partition("-")[0], ["consumer", "TransientError"]):
        if not callable(getattr(module, wanted, None)):
            faults.append((name, "has no " + wanted))
    if printed.getvalue():
        faults.append((name, "prints at import"))
print(json.dumps(faults))
"""
    files = json.dumps([(one.id, str(one.path)) for one in MODULES])
    run = subprocess.run(
        [sys.executable, "-B", "-c", child],
        input=files,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(run.stdout) == []
