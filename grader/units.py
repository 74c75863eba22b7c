"""Formats short times without Rich."""

from __future__ import annotations

__all__ = ["brief"]


def brief(seconds: float) -> str:
    """Format a time: `30.0 ms`, or `1.250 s` from one second on."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.99995 else f"{seconds:.3f} s"
