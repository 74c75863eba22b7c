"""Finds out by trying how learners' processes can be confined on this machine.

The walls themselves are in the lab (`grader.lab.confine`): the learner's process puts them up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from grader.runner.bubblewrap import is_here, surround
from grader.runner.interpreter import EmptyFolder, command, environment

__all__ = ["Layer", "Layers", "Sandbox", "isolation_or_reason", "probe"]

_PATIENCE = 60.0  # real seconds for all tries: far more than any delay on a busy machine
_WALLS = ("limits", "user", "landlock", "seccomp")

# What the lab tries (`grader.lab.probe`), and its name for people.
_NAMES = {
    "session": "own session",
    "descriptors": "no inherited descriptors",
    "environment": "empty environment",
    "limits": "limits",
    "output": "output cap",
    "sweep": "sweep",
    "user": "spare users",
    "landlock": "Landlock",
    "seccomp": "seccomp",
}


@dataclass(frozen=True)
class Sandbox:
    """How to confine learners' processes.

    walls: names from `grader.lab.confine.WALLS`; a process that cannot put one up is not used.
    bwrap: whether bubblewrap wraps all of them together.
    """

    walls: tuple[str, ...]
    bwrap: bool = False


@dataclass(frozen=True)
class Layer:
    """One layer of isolation. `detail`: why it is not active, or more about an active one."""

    name: str
    active: bool
    detail: str = ""


@dataclass(frozen=True)
class Layers:
    """The layers that were tried, in the order in which they confine a process."""

    all: tuple[Layer, ...]
    sandbox: Sandbox

    def reason(self) -> str | None:
        """Return why this is not enough to run strangers' code, or None when it is.

        Landlock and seccomp together are enough, or bubblewrap.
        """
        active = {layer.name for layer in self.all if layer.active}
        if set(_ENOUGH) <= active or _BWRAP in active:
            return None
        missing = (layer for layer in self.all if layer.name in (*_ENOUGH, _BWRAP))
        reasons = [f"{one.name} ({one.detail})" for one in missing if not one.active]
        return f"Not working here: {', '.join(reasons)}."


_ENOUGH = (_NAMES["landlock"], _NAMES["seccomp"])
_BWRAP = "bubblewrap"


def isolation_or_reason() -> str | None:
    """Return `probe().reason()`."""
    return probe().reason()


def probe() -> Layers:
    """Try every layer in a real process, in about 0.3 s; never raises for a layer that fails."""
    outside = _accounts(surrounded=False)
    inside = _accounts(surrounded=True)
    # Use bubblewrap at the loss of a wall only if there is not enough isolation without it.
    lost = [_NAMES[name] for name in _active(outside) if name not in _active(inside)]
    enough = {"landlock", "seccomp"} <= _active(outside)
    bwrap = bool(_active(inside)) and not (lost and enough)
    accounts = inside if bwrap else outside
    layers = tuple(
        Layer(words, accounts[name].active, accounts[name].detail) for name, words in _NAMES.items()
    )
    detail = "" if bwrap else f"without it: {', '.join(lost)}" if _active(inside) else _why(inside)
    return Layers((*layers, Layer(_BWRAP, bwrap, detail)), Sandbox(_chosen(accounts), bwrap))


_Accounts = Mapping[str, Layer]


def _active(accounts: _Accounts) -> set[str]:
    return {name for name, account in accounts.items() if account.active}


def _why(accounts: _Accounts) -> str:
    return next(iter(accounts.values())).detail


def _chosen(accounts: _Accounts) -> tuple[str, ...]:
    """Return the walls to put up: those that work, and the notices."""
    return (*(wall for wall in _WALLS if wall in _active(accounts)), "notices")


def _accounts(*, surrounded: bool) -> _Accounts:
    """Return the results of the lab's tries by layer, in bubblewrap or without it."""
    if sys.platform != "linux":
        return _all_inactive(f"only on Linux, not on {sys.platform}")
    if surrounded and not is_here():
        return _all_inactive("bwrap is not installed")
    folder = EmptyFolder()
    try:
        start = command("probe")
        done = subprocess.run(
            surround(start, folder.path) if surrounded else start,
            env=environment(),
            cwd=folder.path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
        found = [Layer(**account) for account in json.loads(done.stdout)]
    except subprocess.CalledProcessError as error:
        return _all_inactive(_last_line(error.stderr) or f"it ended with {error.returncode}")
    except (OSError, ValueError, TypeError, subprocess.SubprocessError) as error:
        return _all_inactive(str(error))
    finally:
        folder.remove()
    return {layer.name: layer for layer in found}


def _all_inactive(why: str) -> _Accounts:
    return {name: Layer(name, active=False, detail=why) for name in _NAMES}


def _last_line(text: bytes) -> str:
    lines = text.decode("utf-8", "replace").split("\n")
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
