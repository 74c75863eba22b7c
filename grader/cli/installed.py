"""The version of the installed package."""

from __future__ import annotations

from importlib import metadata

from grader.cli.invocation import DISTRIBUTION

__all__ = ["installed_version"]


def installed_version() -> str:
    """Return the version, as the package's metadata say; "unknown" if they are lost."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"
