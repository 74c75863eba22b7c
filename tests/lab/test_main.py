"""`python -m grader.lab FILE [SCRIPT]` prints what a module did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from grader.course.catalog import find_root
from grader.course.kit.lesson import Consume, Job
from grader.script import to_json
from tests.lab.support import CONSUMER, script

ROOT = find_root()


def printed(*arguments: str) -> str:
    """What it prints; the exit code has to be 0."""
    command = [sys.executable, "-m", "grader.lab", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_file_is_run_as_a_program(tmp_path: Path) -> None:
    """In virtual time, with a line for each event of its queues, timers and prints."""
    file = tmp_path / "work.py"
    file.write_text(
        "import asyncio\nasync def main():\n    q = asyncio.Queue(2)\n    await q.put('a')\n"
        "    await asyncio.sleep(3600)\n    print('an hour later')\n"
        "if __name__ == '__main__':\n    asyncio.run(main())\n"
    )
    text = printed(str(file))
    lines = [line.split() for line in text.splitlines()]
    assert ["0.000000", "Task-1", "queue", "line", "3", "1", "2"] in lines
    assert "3600.000000" in text
    assert "an hour later" in text
    assert lines[-1] == ["end:", "{'how':", "'returned'}"]


def test_a_script_is_played(tmp_path: Path) -> None:
    """A line an event, then how it ended and what came of it."""
    file, played = tmp_path / "work.py", tmp_path / "script.json"
    file.write_text(CONSUMER)
    scenario = Consume((Job(1001), Job(1002, fails=9)), options={"attempts": 2})
    played.write_text(json.dumps(to_json(script(scenario))))
    text = printed(str(file), str(played))
    assert all(word in text for word in ("transient", "'failed': 1", "{'how': 'quiet'}")), text


def test_what_cannot_be_imported(tmp_path: Path) -> None:
    """The reason stands in place of the events."""
    file = tmp_path / "work.py"
    file.write_text("def broken(:")
    text = printed(str(file))
    assert "SyntaxError" in text
