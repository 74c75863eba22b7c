# /// script
# requires-python = ">=3.11"
# dependencies = ["nox"]
# ///
"""The front door: `nox -s grade` grades the exercises, the other sessions look after the course.

On a machine without nox, `python3 noxfile.py -s grade` does the same.
"""

import importlib.metadata
import importlib.util
import itertools
import logging
import os
import platform
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python shall say so, not stumble
    sys.exit(f"The course needs Python 3.11 or later; this is {platform.python_version()}.")

NOX = (2026, 7, 11)  # the first whose CommandFailed knows the exit code
ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = Path(".nox", "{}.{}".format(*sys.version_info))  # a set for every Python
TYPED_PYTHON = os.environ.get("NOXFILE_PYTHON", Path(sys.executable).name.removesuffix(".exe"))
NOT_USABLE = 2
COULD_NOT_GRADE = 3
INTERRUPTED = 130


def has_nox() -> bool:
    try:
        version = importlib.metadata.version("nox")
    except importlib.metadata.PackageNotFoundError:
        return False
    return tuple(map(int, version.split(".")[:3])) >= NOX


def start_again_with_nox() -> NoReturn:
    """Runs this file in a private environment that has nox, made when it is first needed."""
    home = ROOT / ENVIRONMENTS / "bootstrap"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if Path(sys.prefix) == home:
        give_up(f"{home} has lost its nox: delete it, then try again.")
    nox_needed = "nox>={}.{}.{}".format(*NOX)
    if not (python.exists() and is_stamped(home, nox_needed)):
        make_environment(home, python, nox_needed)
    os.environ["NOXFILE_PYTHON"] = TYPED_PYTHON
    command = [str(python), __file__, *sys.argv[1:]]
    if os.name == "nt":  # where exec gives the prompt back at once
        sys.exit(subprocess.call(command))
    os.execv(python, command)


def make_environment(home: Path, python: Path, *requirements: str) -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        give_up("This Python lacks venv: install it (on Debian: apt install python3-venv).")
    try:
        with telling("Setting up nox (once)"):
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            for command in (
                [sys.executable, "-m", "venv", "--clear", str(home)],
                [*pip, *requirements],
            ):
                # What they say is kept from the screen: after Ctrl-C that is a traceback.
                subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as failed:
        say((failed.stderr or failed.stdout).strip())
        give_up("nox could not be installed. Is the network there? Then try again.")
    except KeyboardInterrupt:
        say("Stopped. The same command begins the set-up again.")
        sys.exit(INTERRUPTED)
    stamp(home, *requirements)


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Says what is done, and every ten seconds that it goes on: a network may be slow."""
    say(f"{what}: some 10 seconds, more on a slow network ...")
    over = threading.Event()

    def remind(since: float) -> None:
        while not over.wait(10):
            say(f"... still setting up, after {time.monotonic() - since:.0f} s (Ctrl-C stops it)")

    threading.Thread(target=remind, args=(time.monotonic(),), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def is_stamped(environment: Path, *requirements: str) -> bool:
    path = environment / "requirements.txt"
    return path.exists() and path.read_text(encoding="utf-8").splitlines() == list(requirements)


def stamp(environment: Path, *requirements: str) -> None:
    (environment / "requirements.txt").write_text("\n".join(requirements), encoding="utf-8")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def give_up(why: str) -> NoReturn:
    say(why)
    sys.exit(COULD_NOT_GRADE)


def uncover_pyenv() -> None:
    """Puts all of pyenv's Pythons on the PATH: its shims hide those that are not switched on."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    roots = {Path(folder).parent for folder in folders if Path(folder).name == "shims"}
    found = sorted(str(folder) for root in roots for folder in root.glob("versions/3.*/bin"))
    os.environ["PATH"] = os.pathsep.join([*folders, *found])


if not has_nox():
    start_again_with_nox()

import nox  # noqa: E402 - only now is it certain to be there

nox.options.sessions = ["grade"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.envdir = ENVIRONMENTS
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False  # not under CI either: `tests` has the last word

uncover_pyenv()
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)[::-1]  # the newest first
# The tests start the grader hundreds of times: compiled anew each time it would take half as long again.
COMPILED = {"PYTHONDONTWRITEBYTECODE": None}
# Exit codes with which the grader has said what there is to say. The last two: Ctrl-C, closed pipe.
VERDICTS = (2, 3, 10, 130, 141)

# What nox says around the grader. Its words on a crash are not among them.
CHATTER = re.compile(
    r"uv binary not found|Reusing existing|Creating virtual environment|Missing interpreters will"
    r"|Running session (grade|watch)|Session (grade|watch) (was successful|interrupted)"
    r"|Interrupted\.\.\.|Ran 2 sessions\b|\* (grade|watch): (success|interrupted)"
    rf"|Command python -m grader.* failed with exit code ({'|'.join(map(str, VERDICTS))})$",
    re.DOTALL,
)
logging.getLogger("nox").addFilter(lambda record: not CHATTER.match(record.getMessage()))


@nox.session
def grade(session: nox.Session) -> None:
    """Grade the exercises: nox -s grade, nox -s grade -- ex2, nox -s grade -- hint ex2."""
    use(session, "grade")
    try:
        session.run(
            *("python", "-m", "grader", *session.posargs),
            env={"GRADER_COMMAND": typed_command()},
            log=False,
            stderr=None,  # kept apart from standard output, which may be JSON
            interrupt_timeout=None,  # `watch` ends when it is ready to
        )
    except nox.command.CommandFailed as failed:
        if failed.return_code in VERDICTS:
            sys.exit(failed.return_code)
        raise


@nox.session(venv_backend="none")
def watch(session: nox.Session) -> None:
    """Grade again whenever a file is saved: nox -s watch, nox -s watch -- ex2."""
    # In the environment of `grade`, and with all that is done for it.
    session.notify("grade", ["watch", *session.posargs])


def typed_command() -> str:
    """How this machine comes to `grade`, for the commands that the grader proposes."""
    if "UV" in os.environ:  # set by uv run and by uvx
        return "uvx nox -s grade --"
    if Path(sys.argv[0]).name == Path(__file__).name:
        return f"{TYPED_PYTHON} noxfile.py -s grade --"
    return "nox -s grade --"


tested: list[str] = []
# Three processes for two cores, since some of the tests wait for what they have started. Each takes one
# test (or one group) at a time, as they are sorted: those which take long come first.
SPREAD = ("--numprocesses=3", "--dist=loadgroup", "--no-loadscope-reorder")


@nox.session(python=PYTHONS)
def test(session: nox.Session) -> None:
    """Run the tests under one Python: nox -s test-3.12, nox -s test-3.12 -- -k jitter."""
    use(session, "tests")
    part = ("-m", "not once") if tested else ()  # the first Python runs all
    tested.append(str(session.python))
    session.run("python", "-m", "pytest", *(session.posargs or (*SPREAD, *part)), env=COMPILED)


@nox.session(venv_backend="none", requires=[f"test-{python}" for python in PYTHONS])
def tests(session: nox.Session) -> None:
    """Run the tests under every supported Python that this machine has."""
    if not tested:
        session.error(f"none of Python {', '.join(PYTHONS)} was found")
    session.log(f"Tested under Python {', '.join(tested)}.")


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure what the tests cover, in every process that they start: it takes half as long again."""
    use(session, "tests")
    core = {} if sys.version_info < (3, 12) else {"COVERAGE_CORE": "sysmon"}
    options = session.posargs or (*SPREAD, "--cov")
    session.run("python", "-m", "pytest", *options, env={**COMPILED, **core})


@nox.session
def hostile(session: nox.Session) -> None:
    """Grade all hostile submissions as every user (Linux): nox -s hostile -- --cases 'clock,slow_*'.

    With arguments only the class is graded (`tests/hostile`), without any all of them file by file too.
    """
    use(session, "tests")
    for user in ("oneself", "plain") if os.name == "posix" and os.geteuid() == 0 else ("oneself",):
        more = ("--user", user) if "--user" not in session.posargs else ()
        session.run("python", "-m", "tests.hostile", *more, *session.posargs)
    if not session.posargs:
        options = ("-m", "pytest", "tests/test_hostile.py")
        session.run("python", *options, env={"GRADER_HOSTILE": "all"})


@nox.session
def scale(session: nox.Session) -> None:
    """Grade on a cluster of processes here, of which some are killed: nox -s scale -- -k scheduler.

    Without arguments at length: with larger classes, and many kills at random moments.
    """
    use(session, "cluster")
    options = session.posargs or ("tests/scale",)
    more = {} if session.posargs else {"GRADER_CLUSTERS": "20"}
    session.run("python", "-m", "pytest", *options, env=COMPILED | more)


@nox.session
def lint(session: nox.Session) -> None:
    """Look for mistakes and untidy code with ruff."""
    use(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types with mypy, strictly."""
    use(session, "types")
    session.run("mypy")


@nox.session
def browser(session: nox.Session) -> None:
    """Test the page of a class in the Chromium of this machine."""
    use(session, "browser")
    arguments = session.posargs or ("tests/browser",)
    session.run("python", "-m", "pytest", *arguments, env={"REQUIRE_CHROMIUM": "1"})


@nox.session
def proofs(session: nox.Session) -> None:
    """Prove at length: many runs and seeds, calm and under load: nox -s proofs -- --runs 20."""
    use(session, "tests")
    session.run("python", "-m", "tests.proofs", *session.posargs)
    if not session.posargs:
        options = ("-m", "pytest", "tests/test_defaults.py")
        session.run("python", *options, env={"GRADER_DEFAULTS": "all"})


@nox.session
def accuracy(session: nox.Session) -> None:
    """Grade the labelled submissions, with many seeds: nox -s accuracy -- --seeds 20."""
    use(session, "grade")
    session.run("python", "-m", "tests.accuracy", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """See that the checks notice every small fault in a solution: nox -s mutants -- --only ex2."""
    use(session, "grade")
    session.run("python", "-m", "tests.mutants", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, in dist/."""
    use(session, "build")
    session.run("python", "-m", "hatchling", "build", "--target", "wheel")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what should stay fast."""
    use(session, "bench")
    session.run("python", "-m", "tests.bench", *session.posargs)


def use(session: nox.Session, group: str) -> None:
    """Installs a dependency group, unless the session's environment holds it as it is now.

    Left to itself nox asks pip at every start, which takes seconds and a network.
    """
    requirements = nox.project.dependency_groups(PYPROJECT, group)
    if session.venv_backend == "none" or is_stamped(session.env_dir, *requirements):
        return
    try:
        with telling(f"Setting up {session.name} (once)"):
            session.install(*requirements, log=False, env={"UV_COMPILE_BYTECODE": "1"})
    except nox.command.CommandFailed:
        give_up("The packages could not be installed. Is the network there? Then try again.")
    stamp(session.env_dir, *requirements)


def without_dashes(arguments: list[str]) -> str:
    """The command that was meant, where the `--` is missing that parts nox from the grader; else ""."""
    flags = [place for place, one in enumerate(arguments) if one in ("-s", "-e", "--session")]
    if not flags:
        return ""
    after = itertools.takewhile(lambda one: not one.startswith("-"), arguments[flags[-1] + 1 :])
    first, *others = *after, ""
    sessions = {*nox.registry.get(), *(f"test-{python}" for python in PYTHONS)}
    if first not in ("grade", "watch") or sessions.issuperset(others[:-1]):
        return ""
    return " ".join([*typed_command().split()[:-2], first, "--", *others[:-1]])


if meant := without_dashes(sys.argv[1:]):
    say(f"What is for the grader stands behind `--`. You may have meant: {meant}")
    sys.exit(NOT_USABLE)

if __name__ == "__main__":
    os.chdir(ROOT)  # nox looks for its file where it is started
    nox.main()
