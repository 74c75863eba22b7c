"""Talks to a dask.distributed cluster: who is in it, and a task for one worker at a time.

Which worker does what is decided here and not by the scheduler. It would repeat a lost task by itself,
and those that had only waited beside it, without saying so.
"""

from __future__ import annotations

import logging
import queue
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from typing import Any
from uuid import uuid4

from grader.errors import GraderFault, UsageError
from grader.scale.address import answers_at

__all__ = ["GLANCE", "LOCAL", "Cluster", "NoAnswer", "Ticket", "open_cluster"]

LOCAL = "local"
GLANCE = 1.0  # seconds between looks at who is there
CONNECTING = 15  # seconds for the scheduler to answer
GATHERING = 60  # seconds for a finished result to arrive
CLOSING = 10  # seconds for a cluster of our own to end
# Dask keeps the last thousand messages of a connection for its developers: here all that was handed in.
_NO_LOGS = {"distributed.admin.low-level-log-length": 0}
_Question = Callable[..., Any]


class NoAnswer(Exception):
    """A worker was lost, or failed; the message says which."""


class Ticket:
    """A task that one worker does."""

    def __init__(self, future: Any, address: str) -> None:
        self.address = address
        self._future = future

    def answer(self) -> Any:
        """Return the result, of which then no copy is left in the cluster. Raises `NoAnswer`."""
        try:
            return self._future.result(timeout=GATHERING)
        except Exception as error:  # noqa: BLE001 - whatever went wrong over there
            raise NoAnswer(_last_line(error)) from None
        finally:
            self.drop()

    def drop(self) -> None:
        """Let the cluster forget the task; its worker stops between two submissions."""
        self._future.release()


class Cluster:
    """A connection to a scheduler. Open it with `open_cluster`."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._ended: queue.SimpleQueue[Ticket] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.name = name
        self.topic = f"backpressure-and-retries-{uuid4().hex}"
        client.subscribe_topic(self.topic, lambda event: self._told.put(event[1]))

    def workers(self) -> Mapping[str, int]:
        """Return the threads of each worker by its address. Raises `GraderFault` without a scheduler."""
        try:
            if self._client.status == "running":
                ask = self._client.scheduler.ncores
                return dict(self._client.sync(ask, callback_timeout=CONNECTING))
        except Exception:  # noqa: BLE001, S110 - a connection breaks in many ways, all of one meaning
            pass
        raise self._alone()

    def _alone(self) -> GraderFault:
        return GraderFault(f"The scheduler at {self.name} answers no more.")

    def ask(self, address: str, question: _Question, *arguments: Any) -> Ticket:
        """Have one worker call a function; the ticket comes back by `ended`.

        Raises `GraderFault` without a scheduler.
        """
        only = {"workers": [address], "allow_other_workers": False, "retries": 0, "pure": False}
        try:
            future = self._client.submit(question, *arguments, **only)
        except Exception:  # noqa: BLE001 - likewise
            raise self._alone() from None
        ticket = Ticket(future, address)
        future.add_done_callback(lambda _future: self._ended.put(ticket))
        return ticket

    def ended(self, seconds: float) -> Ticket | None:
        """Return the next task that ended, or None after so many seconds."""
        try:
            return self._ended.get(timeout=seconds)
        except queue.Empty:
            return None

    def told(self) -> Iterator[Any]:
        """Yield what workers have told under this connection's `topic` since the last call."""
        while not self._told.empty():
            yield self._told.get()


@contextmanager
def open_cluster(address: str, *, workers: int, say: Callable[[str], None]) -> Iterator[Cluster]:
    """Connect to a scheduler, or to a cluster of so many workers here for the address `local`.

    say: is told what takes long.
    Raises `UsageError` when that is not possible as asked.
    """
    try:
        import dask  # noqa: PLC0415 - an extra, which nothing else needs
        import distributed  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            "dask.distributed is not installed. Here and on every machine of the cluster: "
            'pip install "WHEEL[scale]", with the course\'s wheel, or in a clone '
            "pip install --group grade --group scale (pip 25.1 or later)."
        ) from None
    with ExitStack() as stack:
        logging.disable(logging.CRITICAL)  # what is wrong is said by us, once
        stack.callback(logging.disable, logging.NOTSET)
        stack.enter_context(dask.config.set(_NO_LOGS))
        where: Any = address
        if address == LOCAL:
            where = stack.enter_context(_local(distributed, workers))
        elif not answers_at(address):
            say(
                f"Nothing answers at {address} yet. Waiting up to {CONNECTING} s for a scheduler there "
                "(Ctrl-C stops this)."
            )
        yield Cluster(stack.enter_context(_client(distributed, where, address)), address)


@contextmanager
def _client(distributed: Any, where: Any, name: str) -> Iterator[Any]:
    try:
        with warnings.catch_warnings(action="ignore"):  # versions are compared by us
            client = distributed.Client(
                where, timeout=CONNECTING, set_as_default=False, direct_to_workers=True
            )
    except Exception as error:  # noqa: BLE001 - what answers there may be anything
        raise UsageError(
            f"No scheduler answers at {name} ({_last_line(error)}). --dask takes the address that "
            f"`dask scheduler` prints, as tcp://HOST:8786, or {LOCAL} for a cluster on this machine."
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=CLOSING)


@contextmanager
def _local(distributed: Any, workers: int) -> Iterator[Any]:
    with _deaf_to_ctrl_c():
        cluster = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port; 8787 may be another cluster's
            memory_limit=None,
            silence_logs=logging.CRITICAL,
        )
    try:
        yield cluster
    finally:
        cluster.close(timeout=CLOSING)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Keep the cluster's threads and processes from Ctrl-C, which is ours to handle."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread().name != "MainThread":
        yield
        return
    resource_tracker.ensure_running()  # which would let the signal in again, were it started below
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _last_line(error: BaseException) -> str:
    while error.__cause__ is not None:  # dask's own words refer to a page on environments
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1]}" if lines else type(error).__name__
