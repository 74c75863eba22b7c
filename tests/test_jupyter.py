"""docs/jupyter.md: what it says of notebooks that are handed in, and of Python, holds."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.catalog import find_root
from tests.course import environment

EXERCISE = "ex2_build_retry_loop"
PAGE = (find_root() / "docs" / "jupyter.md").read_text(encoding="utf-8")


def _notebook(*cells: str) -> str:
    """A notebook with these cells of code, and a cell of text."""
    code: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    found = [{"cell_type": "markdown", "metadata": {}, "source": "# Mine"}]
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [*found, *({**code, "source": cell} for cell in cells)],
        }
    )


def _graded(folder: Path) -> subprocess.CompletedProcess[str]:
    """`grade ex2 --from` a folder, as the page has it typed."""
    return subprocess.run(
        [sys.executable, "-m", "grader", "ex2", "--from", str(folder), "--trust-submissions"],
        cwd=find_root(),
        env=environment(folder),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_a_notebook_that_is_handed_in(tmp_path: Path) -> None:
    """Its cells make the module; magics, shell commands and what only runs the code do not."""
    module = (find_root() / "solutions" / f"{EXERCISE}.py").read_text(encoding="utf-8")
    code = module.partition("if __name__")[0]
    place = code.index("async def consumer")
    text = _notebook(
        "%load_ext autoreload\n%autoreload 2\nimport nest_asyncio\nnest_asyncio.apply()\n!pip list",
        code[:place],
        code[place:],
        "await demo()",
        "asyncio.run(demo())",
        "%%bash\nexit 1",
    )
    (tmp_path / f"{EXERCISE}.ipynb").write_text(text, encoding="utf-8")
    graded = _graded(tmp_path)
    assert graded.returncode == 0, graded.stdout + graded.stderr
    assert f"{EXERCISE}.ipynb counts as {EXERCISE}.py" in graded.stderr
    assert "left out: `%load_ext autoreload`" in graded.stderr


def test_cells_count_in_the_order_in_which_they_stand(tmp_path: Path) -> None:
    """A name that only a later cell defines is missing, whatever order they were run in."""
    (tmp_path / f"{EXERCISE}.ipynb").write_text(
        _notebook("class Later(TransientError): ...", "class TransientError(Exception): ..."),
        encoding="utf-8",
    )
    graded = _graded(tmp_path)
    assert graded.returncode == 10
    assert "name 'TransientError' is not defined" in " ".join(graded.stdout.split())


def test_nest_asyncio_in_a_file(tmp_path: Path) -> None:
    """The grader's Python does not have it."""
    source = "import nest_asyncio\n"
    (tmp_path / f"{EXERCISE}.py").write_text(source, encoding="utf-8")
    graded = _graded(tmp_path)
    assert graded.returncode == 10
    assert "No module named 'nest_asyncio'" in " ".join(graded.stdout.split())


def test_a_loop_that_runs_already() -> None:
    """The error that a cell gets is the one on the page."""

    async def cell() -> None:
        coroutine = asyncio.sleep(0)
        try:
            asyncio.run(coroutine)
        finally:
            coroutine.close()

    with pytest.raises(RuntimeError) as raised:
        asyncio.run(cell())
    assert f"RuntimeError: {raised.value}" in PAGE


def test_what_is_typed_is_there() -> None:
    """Every command on the page is one of ours, with options that it takes."""
    typed = re.findall(r"^ +!TERM=dumb nox -s grade -- (.+)$", PAGE, re.MULTILINE)
    assert typed
    for words in typed:
        assert re.fullmatch(r"ex\d( --from \.)?", words), words
