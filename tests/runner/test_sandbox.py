"""The account of the layers: what works here, and what is said when it does not."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from grader.runner import bubblewrap, sandbox
from grader.runner.hosts import ForkHost, open_host
from grader.runner.plain import PlainHost
from grader.runner.sandbox import Layers, Sandbox, isolation_or_reason, probe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is a sandbox on Linux only")

EVERY = tuple(sandbox._NAMES)


def _account(active: Any = EVERY, why: str = "not now") -> sandbox._Accounts:
    return {
        name: sandbox.Layer(name, active=name in active, detail="" if name in active else why)
        for name in EVERY
    }


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gives the layers of a machine with these accounts, without and behind bubblewrap."""

    def layers(outside: sandbox._Accounts, inside: sandbox._Accounts) -> Layers:
        accounts = {False: outside, True: inside}
        monkeypatch.setattr(sandbox, "_accounts", lambda *, surrounded: accounts[surrounded])
        return probe()

    return layers


def _bwrap(layers: Layers) -> sandbox.Layer:
    return next(layer for layer in layers.all if layer.name == "bubblewrap")


def test_this_machine() -> None:
    """Every layer is tried in a real process, and here enough of them hold."""
    layers = probe()
    active = {layer.name for layer in layers.all if layer.active}
    assert {"Landlock", "seccomp", "limits", "output cap", "sweep", "own session"} <= active
    assert {"landlock", "seccomp", "limits", "notices"} <= set(layers.sandbox.walls)
    assert layers.reason() is None
    assert all(layer.active or layer.detail for layer in layers.all)


def test_everything_works(found: Any) -> None:
    """All walls go up, within bubblewrap."""
    layers = found(_account(), _account())
    assert layers.sandbox == Sandbox(("limits", "user", "landlock", "seccomp", "notices"), True)
    assert all(layer.active for layer in layers.all)


def test_bubblewrap_is_not_needed(found: Any) -> None:
    """Landlock and seccomp are enough; why there is no bubblewrap is said."""
    layers = found(_account(), _account((), "no namespaces"))
    assert not layers.sandbox.bwrap
    assert layers.reason() is None
    assert _bwrap(layers).detail == "no namespaces"


def test_bubblewrap_costs_no_wall(found: Any) -> None:
    """Where something works without it only, it is left away."""
    layers = found(_account(), _account(set(EVERY) - {"user"}))
    assert not layers.sandbox.bwrap
    assert "user" in layers.sandbox.walls
    assert _bwrap(layers).detail == "without it: spare users"


def test_bubblewrap_alone_is_enough(found: Any) -> None:
    """On a machine without Landlock it is what isolation there is."""
    less = set(EVERY) - {"landlock", "user"}
    layers = found(_account({*less, "user"}), _account(less))
    assert layers.sandbox == Sandbox(("limits", "seccomp", "notices"), bwrap=True)
    assert layers.reason() is None


def test_too_little_is_said(found: Any) -> None:
    """The reason names what is missing, with the reasons for that."""
    layers = found(_account({"seccomp", "limits"}), _account((), "bwrap is not installed"))
    assert layers.reason() == (
        "Not working here: Landlock (not now), bubblewrap (bwrap is not installed)."
    )
    assert isolation_or_reason() == layers.reason()
    assert layers.sandbox == Sandbox(("limits", "seccomp", "notices"))


@pytest.mark.parametrize(
    ("platform", "here", "ran", "words"),
    [
        ("darwin", True, None, "only on Linux, not on darwin"),
        ("linux", False, None, "bwrap is not installed"),
        ("linux", True, OSError("cannot start"), "cannot start"),
        ("linux", True, b"no JSON", "Expecting value"),
        ("linux", True, b'[{"other": 1}]', "unexpected keyword"),
        (
            "linux",
            True,
            subprocess.CalledProcessError(1, "x", stderr=b"first\nbwrap: no namespaces\n\n"),
            "bwrap: no namespaces",
        ),
        ("linux", True, subprocess.CalledProcessError(-9, "x", stderr=b""), "it ended with -9"),
    ],
)
def test_a_trial_that_fails_is_an_account_too(
    platform: str, here: bool, ran: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, every layer has its reason, and nothing is raised."""

    def run(command: list[str], **_options: Any) -> Any:
        if isinstance(ran, Exception):
            raise ran
        return subprocess.CompletedProcess(command, 0, ran, b"")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sandbox, "is_here", lambda: here)
    monkeypatch.setattr(subprocess, "run", run)
    accounts = sandbox._accounts(surrounded=True)
    assert set(accounts) == set(EVERY)
    assert not any(account.active for account in accounts.values())
    assert all(words in account.detail for account in accounts.values())


@pytest.mark.parametrize(("root", "options"), [(True, "--cap-add"), (False, "--unshare-all")])
def test_bubblewrap_shows_the_interpreter_only(
    root: bool, options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python and the lab are visible; the checks, the solutions and everything else are not."""
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    command = bubblewrap.surround([sys.executable, "-c", "pass"], "/empty")
    assert options in command
    assert command[-2:] == ["-c", "pass"]
    shown = [command[n + 1] for n, word in enumerate(command) if word == "--ro-bind-try"]
    assert any(path.endswith("/grader/lab") for path in shown)
    assert not any(path.endswith(("/grader", "/solutions", "/exercises", "/")) for path in shown)


def test_bubblewrap_shows_the_lab_of_an_installed_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packages of this Python are hidden, but for the lab where it is one of them."""
    packages = Path(sysconfig.get_paths()["stdlib"], "site-packages")
    monkeypatch.setattr(bubblewrap, "ROOT", str(packages))
    command = bubblewrap.surround([sys.executable, "-c", "pass"], "/empty")
    places = {word: n for n, word in enumerate(command)}  # the last one of each
    lab, hidden = places[str(packages / "grader/lab")], places["--tmpfs"]
    closed = command.index("--remount-ro")
    assert hidden < lab < closed


def test_bubblewrap_surrounds_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes around one process with all its children: the plain host's would be one each."""
    hosts = [open_host(fork=fork, sandbox=Sandbox(())) for fork in (True, False)]
    assert [type(host) for host in hosts] == [ForkHost, PlainHost]
    monkeypatch.setattr("grader.runner.bubblewrap.surround", lambda command, _folder: command[:-1])
    hosts.append(open_host(fork=False, sandbox=Sandbox((), bwrap=True)))
    assert isinstance(hosts[-1], ForkHost)
    for host in hosts:
        host.close()
