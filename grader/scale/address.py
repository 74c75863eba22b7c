"""Says what answers at the address of a scheduler, if that is something else than a scheduler.

A scheduler greets who connects. Its dashboard waits to be asked, as any web server does, and so would
the client of dask, for ever.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
from typing import Any

from grader.errors import UsageError

__all__ = ["answers_at"]

PORT = 8786  # where `dask scheduler` listens unless it is told otherwise
PATIENCE = 3.0  # seconds for a greeting, and for a page
LARGEST_GREETING = 1 << 20  # bytes; the first eight say how many follow
_PLAIN = re.compile(
    r"(?:(?P<scheme>tcp|https?)://)?(?P<host>\[[^\]]+\]|[^/:\s]+):(?P<port>\d+)(?:/.*)?"
)


def answers_at(address: str) -> bool:
    """Return False when nothing answers there yet; True also where that is not known, as with TLS.

    Raises `UsageError` when it is something else than a scheduler that answers.
    """
    found = _PLAIN.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        return True
    host, port = found["host"], int(found["port"])
    typed_a_page = (found["scheme"] or "").startswith("http")
    greets = False if typed_a_page else _greets(host.strip("[]"), port)
    if greets is not False:
        return greets is not None
    what, scheduler = _page(host, port)
    raise UsageError(
        f"What answers at {address} is no scheduler, but {what}. "
        f"Try --dask {scheduler or f'tcp://{host}:{PORT}'}: `dask scheduler` prints its address as "
        f"`Scheduler at:`, and the port is {PORT} by default."
    )


def _greets(host: str, port: int) -> bool | None:
    """Return whether what listens there greets as dask does; None when nothing listens."""
    try:
        line = socket.create_connection((host, port), timeout=PATIENCE)
    except OSError:
        return None
    with line:
        try:
            size = int.from_bytes(line.recv(8, socket.MSG_WAITALL), "little")
        except OSError:
            return False
    return 0 < size < LARGEST_GREETING


def _page(host: str, port: int) -> tuple[str, str]:
    """Return what answers to a browser there, and the scheduler's address if it is its dashboard."""
    line = http.client.HTTPConnection(host.strip("[]"), port, timeout=PATIENCE)
    with contextlib.closing(line):
        try:
            line.request("GET", "/json/identity.json")
            answer = line.getresponse()
            text = answer.read(1 << 20)
        except (OSError, http.client.HTTPException):
            return "something else", ""
    told = _identity(text)
    if told.get("type") == "Scheduler":
        return "the scheduler's dashboard", str(told.get("address", ""))
    return "a web server, as the scheduler's dashboard is", ""


def _identity(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
