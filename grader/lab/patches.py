"""Changes to other modules, remembered so that they can be taken back."""

from __future__ import annotations

from typing import Any

__all__ = ["Patches"]


class Patches:
    """Sets attributes, and puts the originals back on `undo`, the last first."""

    def __init__(self) -> None:
        self._originals: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set `owner.name` to `value` until `undo`."""
        self._originals.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put everything back."""
        while self._originals:
            owner, name, value = self._originals.pop()
            setattr(owner, name, value)
