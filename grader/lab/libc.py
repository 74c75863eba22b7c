"""Calls C library functions that Python does not wrap; failures raise OSError."""

from __future__ import annotations

import ctypes
import os

__all__ = ["call"]

_library = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Call the C function `name`; arguments are numbers (64 bits), bytes (as a pointer) or None.

    Raises OSError when it returns a negative number.
    """
    values = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = int(getattr(_library, name)(*values))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
