"""The course as a learner has it who has no clone: the wheel, installed, and commands that run in it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.course import ROOT, environment

__all__ = ["Installed", "aged", "build_wheel", "install"]

MARKER = Path(".grader", "course.json")


@dataclass(frozen=True)
class Installed:
    """An environment in which the wheel is installed."""

    home: Path

    @property
    def scripts(self) -> Path:
        return self.home / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> str:
        return str(self.scripts / "python")

    def env(self, **more: str) -> dict[str, str]:
        """The environment of a learner whose shell finds the commands; nothing of the tests' own."""
        ours = ("GRADER_STORE", "PYTHONPATH")
        kept = {k: v for k, v in environment(self.home).items() if k not in ours}
        return kept | {"PATH": os.pathsep.join([str(self.scripts), kept["PATH"]])} | more

    def command(self, *words: str) -> list[str]:
        return [str(self.scripts / "backpressure"), *words]

    def run(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a folder to its end."""
        return self.call(folder, *self.command(*words))

    def call(self, folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run any command in a folder to its end."""
        return subprocess.run(
            command,
            cwd=folder,
            env=self.env(**more),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )


def build_wheel(folder: Path, source: Path = ROOT) -> Path:
    """Build the wheel of a clone without the network; returns its path."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps"]
    words = ["--no-index", "--disable-pip-version-check", "--wheel-dir", str(folder), str(source)]
    subprocess.run([*command, *words], check=True, capture_output=True, text=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, home: Path) -> Installed:
    """Install a wheel into a new environment, which has what it needs from that of the tests."""
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    installed = Installed(home)
    library = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (library / "what_it_needs.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--python", installed.python, "install", "--quiet"]
    words = ["--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([*pip, *words], check=True, capture_output=True, text=True)
    return installed


def aged(folder: Path, *exercises: str) -> None:
    """Make a course folder one of an older version, in which these stubs were others."""
    marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    for name in exercises:
        kept = folder / ".grader" / "stubs" / f"{name}.stub"
        old = b"# Of an older version.\n" + kept.read_bytes()
        kept.write_bytes(old)
        stub = folder / "exercises" / f"{name}.py"
        if stub.exists():
            stub.write_bytes(b"# Of an older version.\n" + stub.read_bytes())
        marker["files"][f"exercises/{name}.py"] = hashlib.sha256(old).hexdigest()
    (folder / MARKER).write_text(json.dumps(marker | {"version": "0.0.1"}), encoding="utf-8")
