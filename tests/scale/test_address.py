"""What answers at an address that is no scheduler's is named, with the address to try."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from grader.errors import UsageError
from grader.scale import address
from grader.scale.address import answers_at

GREETING = (58).to_bytes(8, "little") + b"\x01\0\0\0\0\0\0\0"  # as a scheduler's begins


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that says nothing is not waited for."""
    monkeypatch.setattr(address, "PATIENCE", 0.2)


@contextmanager
def website(page: bytes) -> Iterator[str]:
    """A web server whose pages are all the same, by its host and port."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@contextmanager
def greeting(words: bytes) -> Iterator[str]:
    """A server that greets whoever connects, by its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            with suppress(OSError):  # nobody connects any more
                while True:
                    line, _peer = server.accept()
                    lines.append(line)
                    line.sendall(words)

        lines: list[socket.socket] = []
        thread = threading.Thread(target=greet)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)  # so that it waits no longer
        thread.join()
        for line in lines:
            line.close()


@pytest.mark.parametrize("typed", ["tcp://{}", "{}", "http://{}/status"])
def test_the_dashboard_tells_where_its_scheduler_is(typed: str) -> None:
    """However its address is typed."""
    told = {"type": "Scheduler", "address": "tcp://10.1.2.3:9999"}
    with website(json.dumps(told).encode()) as at, pytest.raises(UsageError) as raised:
        answers_at(typed.format(at))
    assert "is no scheduler, but the scheduler's dashboard" in str(raised.value)
    assert "--dask tcp://10.1.2.3:9999" in str(raised.value)


@pytest.mark.parametrize("page", [b"<html>", b"[]", b"\xff"])
def test_another_website(page: bytes) -> None:
    """The port that a scheduler has by default is said."""
    with website(page) as at, pytest.raises(UsageError) as raised:
        answers_at(f"tcp://{at}")
    assert "but a web server" in str(raised.value)
    assert "--dask tcp://127.0.0.1:8786" in str(raised.value)


@pytest.mark.parametrize("words", [b"", b"SSH-2.0-OpenSSH_9.9\r\n"])
def test_another_service(words: bytes) -> None:
    """Whether it greets in another way, or not at all."""
    with greeting(words) as at, pytest.raises(UsageError, match="but something else"):
        answers_at(at)


def test_a_scheduler() -> None:
    """Its greeting is enough."""
    with greeting(GREETING) as at:
        assert answers_at(at)


@pytest.mark.parametrize("typed", ["tls://127.0.0.1:1", "nowhere", "x://y:1", "tcp://h:99999"])
def test_addresses_that_are_not_looked_at(typed: str) -> None:
    """What is encrypted, and what is no address, is left to dask."""
    assert answers_at(typed)


def test_nothing_answers() -> None:
    """It may do so soon."""
    assert not answers_at("tcp://127.0.0.1:1")
