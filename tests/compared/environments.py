"""Makes the environments of the tools that are compared, one for each."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.compared.tools import Tool

__all__ = ["CannotInstall", "installed_here", "make", "versions"]

PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet")


class CannotInstall(Exception):
    """A tool cannot be had here; the text is the reason."""


def make(tool: Tool, folder: Path) -> Path:
    """The Python of an environment in `folder` that has the tool, made if it is not there yet.

    Raises `CannotInstall`.
    """
    if not tool.packages:
        return Path(sys.executable)
    if sys.version_info >= tool.before:
        last = ".".join(map(str, tool.before))
        raise CannotInstall(f"needs a Python before {last}")
    python, stamp = folder / "bin" / "python", folder / "packages.txt"
    wanted = "\n".join(tool.packages)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    alone = ("--no-deps",) if tool.alone else ()
    for command in (
        (sys.executable, "-m", "venv", "--clear", folder),
        (python, *PIP, *alone, *tool.packages),
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or ["no reason was given"]
            raise CannotInstall(said[-1])
    stamp.write_text(wanted, encoding="utf-8")
    return python


def installed_here(tool: Tool) -> Path:
    """This Python, which has the tool. Raises `CannotInstall` if it has not."""
    try:
        for package in tool.packages:
            version(package)
    except PackageNotFoundError as missing:
        raise CannotInstall(f"{missing.name} is not installed here") from None
    return Path(sys.executable)


def versions(tool: Tool, python: Path) -> str:
    """What was measured: the packages that were asked for, as they are installed."""
    if not tool.packages:
        return "this project"
    ask = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    names = [package.partition("==")[0].partition("<")[0] for package in tool.packages]
    done = subprocess.run([python, "-c", ask, *names], capture_output=True, text=True, check=True)
    return ", ".join(map(" ".join, zip(names, done.stdout.split(), strict=True)))
