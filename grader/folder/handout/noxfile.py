"""The front door: `nox -s grade` grades the exercises, `nox -s watch` grades whenever you save.

What stands behind `--` goes to the grader: `nox -s grade -- hint ex1`. On a machine without nox,
`python3 noxfile.py -s grade` does the same. The grader itself is not in this folder: it is the package
`backpressure-and-retries`, wherever that is installed.
"""

import importlib.metadata
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

HOME = Path(__file__).resolve().parent
PACKAGE = "backpressure-and-retries"
NOT_USABLE = 2


def grader() -> list[str]:
    """The command that starts the grader: this Python's, the one on the PATH, or the one of `init`."""
    try:
        importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        pass
    else:
        return [sys.executable, "-P", "-m", "grader"]
    if found := shutil.which("backpressure"):
        return [found]
    marker = json.loads((HOME / ".grader" / "course.json").read_text(encoding="utf-8"))
    if shutil.which(marker["python"]):
        return [marker["python"], "-P", "-m", "grader"]
    print(
        f"The grader is not installed here any more. Install {PACKAGE} again, as you did at first.",
        file=sys.stderr,
    )
    sys.exit(NOT_USABLE)


def start(words: list[str], typed: str) -> NoReturn:
    """Become the grader. typed: what comes before its words, for the commands that it proposes."""
    os.chdir(HOME)
    os.environ.setdefault("GRADER_COMMAND", typed)
    command = [*grader(), *words]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    while True:  # exec would give the prompt back at once
        process = subprocess.Popen(command)
        while process.returncode is None:
            try:
                process.wait()
            except KeyboardInterrupt:  # it has heard that, too, and ends when it is ready to
                continue
        sys.exit(process.returncode)


def with_nox() -> str:
    """How nox is called on this machine."""
    return "uvx nox -s grade --" if "UV" in os.environ else "nox -s grade --"


def without_nox(arguments: list[str]) -> NoReturn:
    """Do what nox would: `-s grade -- words`, or `-s watch -- words`."""
    dashes = arguments.index("--") if "--" in arguments else len(arguments)
    session, words = arguments[:dashes][-1] if dashes else "grade", arguments[dashes + 1 :]
    if session not in ("grade", "watch"):
        print("Type: python3 noxfile.py -s grade -- WORDS", file=sys.stderr)
        sys.exit(NOT_USABLE)
    python = Path(sys.executable).name.removesuffix(".exe")
    start(["watch", *words] if session == "watch" else words, f"{python} noxfile.py -s grade --")


try:
    import nox
except ImportError:
    pass
else:
    # What nox says before the grader says anything.
    CHATTER = re.compile(r"uv binary not found|Running session (grade|watch)")
    logging.getLogger("nox").addFilter(lambda record: not CHATTER.match(record.getMessage()))
    nox.options.sessions = ["grade"]

    @nox.session(venv_backend="none")
    def grade(session: Any) -> None:
        """Grade the exercises: nox -s grade, nox -s grade -- ex2, nox -s grade -- hint ex2."""
        start(session.posargs, with_nox())

    @nox.session(venv_backend="none")
    def watch(session: Any) -> None:
        """Grade again whenever a file is saved: nox -s watch, nox -s watch -- ex2."""
        start(["watch", *session.posargs], with_nox())


if __name__ == "__main__":
    without_nox(sys.argv[1:])
