"""What learners' processes can be shut into on this machine, found out by trying it.

The walls themselves are the lab's (`grader.lab.confine`): they stand in the learner's process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.runner.interpreter import EmptyFolder, command, environment

__all__ = ["Layer", "Layers", "Sandbox", "isolation_or_reason", "probe"]

_PATIENCE = 60.0  # real seconds for all tries: far beyond any busy machine's delay
_ALWAYS = ("limits", "notices")

# What the lab tries (`grader.lab.probe`), and what to call it.
_NAMES = {
    "session": "own session",
    "descriptors": "no inherited descriptors",
    "environment": "empty environment",
    "limits": "limits",
    "sweep": "sweep",
    "user": "spare users",
    "landlock": "Landlock",
    "seccomp": "seccomp",
}


@dataclass(frozen=True)
class Sandbox:
    """What to shut learners' processes into.

    walls: names as in `grader.lab.confine.WALLS`; a process that cannot be shut in so is not used.
    """

    walls: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """One layer of isolation. `detail` says why it is not active, or more about it where it is."""

    name: str
    active: bool
    detail: str = ""


@dataclass(frozen=True)
class Layers:
    """What was found to work, in the order in which a process is shut in."""

    all: tuple[Layer, ...]
    sandbox: Sandbox

    def reason(self) -> str | None:
        """Why this is not enough to run the code of strangers; None when it is.

        Enough are Landlock and seccomp together.
        """
        missing = [layer for layer in self.all if layer.name in _ENOUGH and not layer.active]
        if not missing:
            return None
        return "; ".join(f"{layer.name} does not work here: {layer.detail}" for layer in missing)


_ENOUGH = (_NAMES["landlock"], _NAMES["seccomp"])


def isolation_or_reason() -> str | None:
    """As `probe().reason()`."""
    return probe().reason()


def probe() -> Layers:
    """Try every layer in a real process. Takes some 0.2 s; never raises for a layer that fails."""
    accounts = {account["name"]: account for account in _accounts()}
    layers = tuple(
        Layer(words, accounts[name]["active"] is True, str(accounts[name]["detail"]))
        for name, words in _NAMES.items()
    )
    active = {name for name, account in accounts.items() if account["active"]}
    walls = ("user", "landlock", "seccomp")
    chosen = _ALWAYS if "limits" in active else ()
    return Layers(layers, Sandbox((*chosen, *(wall for wall in walls if wall in active))))


def _accounts() -> Iterator[Mapping[str, Any]]:
    """What the lab's tries came to."""
    if sys.platform != "linux":
        why = f"only on Linux, not on {sys.platform}"
        return ({"name": name, "active": False, "detail": why} for name in _NAMES)
    folder = EmptyFolder()
    try:
        done = subprocess.run(
            command("probe"),
            env=environment(),
            cwd=folder.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
        return iter(json.loads(done.stdout))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = f"the trial failed: {error}"
        return ({"name": name, "active": False, "detail": why} for name in _NAMES)
    finally:
        folder.remove()
