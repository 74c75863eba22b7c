"""How the grader was called, so that the commands it suggests work."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from grader.render.invocation import Invocation

__all__ = ["COMMANDS", "DISTRIBUTION", "invocation"]

DISTRIBUTION = "backpressure-and-retries"
"""What the package is called where packages are installed from."""

COMMANDS = ("backpressure", DISTRIBUTION)
"""The commands that it installs; they are the same."""


def invocation(folder: Path | None = None, weather: Path | None = None) -> Invocation:
    """Return how the grader was called. folder, weather: given with `--from` and `--weather`."""
    # Set by the noxfile, which knows whether it was called by nox, by uvx or by Python alone.
    program = os.environ.get("GRADER_COMMAND") or _typed()
    options, sky = (
        f"{name} {shlex.quote(str(path))}" if path else ""
        for name, path in (("--from", folder), ("--weather", weather))
    )
    return Invocation(program, options, sky)


def _typed() -> str:
    """Return what was typed, as far as a process can know."""
    name = Path(sys.argv[0]).name.removesuffix(".exe").removesuffix("-script.py")
    if name not in COMMANDS:
        return "python -m grader"
    return _passing(name) or name


def _passing(name: str) -> str:
    """Return the command that runs `name` in an environment that lasts for one run; "" elsewhere."""
    folders = Path(sys.prefix).parts
    # Where uv and pipx keep such environments. They are on the PATH of this process only.
    if "UV" in os.environ and any(
        one.startswith(("archive-v", "environments-v")) for one in folders
    ):
        return f"uvx --from {origin} {name}" if (origin := _origin()) else f"uvx {DISTRIBUTION}"
    if "pipx" in folders and "venvs" not in folders:
        return (
            f"pipx run --spec {origin} {name}"
            if (origin := _origin())
            else f"pipx run {DISTRIBUTION}"
        )
    return ""


def _origin() -> str:
    """Return the file or address that the package was installed from; "" for an index of packages.

    An installer notes it, as "Recording the Direct URL Origin of installed distributions" asks.
    """
    import json  # noqa: PLC0415 - hardly anybody needs it, and the next one is slow
    from importlib import metadata  # noqa: PLC0415
    from urllib.parse import unquote  # noqa: PLC0415

    try:
        data = json.loads(metadata.distribution(DISTRIBUTION).read_text("direct_url.json") or "")
        url, source = data["url"], data.get("vcs_info")
        if source is None:
            return shlex.quote(unquote(url.removeprefix("file://")))
        at = f"@{source['requested_revision']}" if "requested_revision" in source else ""
        return shlex.quote(f"{source['vcs']}+{url}{at}")
    except (metadata.PackageNotFoundError, ValueError, KeyError, TypeError):
        return ""
