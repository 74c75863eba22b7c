"""Changes to other modules that can be undone."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import Any

from grader.lab.hidden import opaque

__all__ = ["Patches"]


class Patches:
    """Sets attributes, and restores the originals on `undo`, last first.

    Functions are made opaque, because the learner's code can reach them.
    """

    def __init__(self) -> None:
        self._originals: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set `owner.name` to `value` until `undo`."""
        original = getattr(owner, name)
        self._originals.append((owner, name, original))
        if type(value) is FunctionType or isinstance(value, MethodType):
            value = opaque(value, like=original)
        setattr(owner, name, value)

    def undo(self) -> None:
        """Restore all originals."""
        while self._originals:
            owner, name, value = self._originals.pop()
            setattr(owner, name, value)
