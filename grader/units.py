"""Formats short times without Rich."""

from __future__ import annotations

__all__ = ["brief"]


def brief(seconds: float) -> str:
    """Format seconds as `30.0 ms`, or from one second as `1.250 s`."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.99995 else f"{seconds:.3f} s"
