"""Short spans of time in words, where Rich is not needed."""

from __future__ import annotations

__all__ = ["brief"]


def brief(seconds: float) -> str:
    """`30.0 ms`; from one second on `1.250 s`."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.99995 else f"{seconds:.3f} s"
