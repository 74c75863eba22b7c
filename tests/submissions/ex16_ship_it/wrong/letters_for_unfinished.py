# label: wrong
# exercise: ex16_ship_it
# misconception: dead-letter-uncalled-for
# contract: ex16: what the stop leaves is unfinished: here it is set aside, too
# expect: Only refused items and those that are given up on.
import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next, `retry_after` seconds from now or later."""

    def __init__(self, *args: object, retry_after: float = 0.0) -> None:
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    """The carrier refuses this parcel, and will refuse it again."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


@dataclass(frozen=True)
class Policy:
    """How often and how long one item is tried, and how long to wait in between."""

    attempts: int
    delay: float
    backoff: float
    jitter: float
    max_delay: float
    timeout: float

    def pause(self, failed: int, error: Exception) -> float:
        """The pause after failed try number `failed`, in seconds."""
        try:
            clean = min(self.max_delay, self.delay * self.backoff ** (failed - 1))
        except OverflowError:  # 2.0 ** 2000
            clean = self.max_delay
        clean = max(clean, getattr(error, "retry_after", 0.0))
        # The jitter comes last: below the ceiling, all would come back together at it.
        return clean + random.uniform(0, clean * self.jitter)


class Budget:
    """What all consumers together may spend on failures: retries stop at half of it."""

    def __init__(self, full: float, refund: float) -> None:
        self.full = self.left = full
        self.refund = refund

    def failed(self) -> bool:
        """Count a failed call; returns whether a retry may follow it."""
        self.left = max(0.0, self.left - 1)
        return self.left > self.full / 2

    def succeeded(self) -> None:
        """Count a call that succeeded."""
        self.left = min(self.full, self.left + self.refund)


@dataclass
class Shift:
    """One run of the service: what its consumers share."""

    call: Callable[..., Awaitable[Any]]
    dead_letters: asyncio.Queue[Any]
    policy: Policy
    budget: Budget
    q: asyncio.Queue[tuple[int, Any]]
    start: float = field(default_factory=time.perf_counter)
    consumed: int = 0
    retried: int = 0
    failed: int = 0
    rejected: int = 0
    open_items: dict[int, Any] = field(default_factory=dict)  # taken and not settled, in order

    async def produce(self, items: Iterable[Any]) -> None:
        """Number the items and put them, one after the other; return when all are settled."""
        for number, item in enumerate(items):
            self.open_items[number] = item  # before the put: the stop may find it there
            await self.q.put((number, item))
        await self.q.join()

    async def consume(self, name: str) -> None:
        """Settle one item after the other, until cancelled."""
        while True:
            number, item = await self.q.get()
            await self.settle(name, item)
            del self.open_items[number]
            self.q.task_done()

    async def settle(self, name: str, item: Any) -> None:
        """Try one item until it is consumed, refused or given up on."""
        key = str(uuid.uuid4())  # one for all tries: the carrier charges each key once
        tries = 1
        while True:
            try:
                async with asyncio.timeout(self.policy.timeout):  # for this try alone
                    await self.call(item, key=key)
            except PermanentError as error:
                await self.dead_letters.put((item, tries, error))
                self.rejected += 1
                log(self.start, name, "REJECT", item)
                return
            except (TransientError, TimeoutError, ConnectionError) as error:
                may_retry = self.budget.failed()  # counted, whether tries are left or not
                if tries == self.policy.attempts or not may_retry:
                    await self.dead_letters.put((item, tries, error))
                    self.failed += 1
                    log(self.start, name, "FAIL", item)
                    return
                pause = self.policy.pause(tries, error)
            else:
                self.budget.succeeded()
                self.consumed += 1
                log(self.start, name, "OK", item)
                return
            self.retried += 1
            log(self.start, name, "RETRY", item, tries, f"{pause:.3f}")
            await asyncio.sleep(pause)
            tries += 1

    def result(self) -> dict[str, Any]:
        """The counts, and what was taken and is not settled."""
        return {
            "consumed": self.consumed,
            "retried": self.retried,
            "failed": self.failed,
            "rejected": self.rejected,
            "unfinished": list(self.open_items.values()),
        }


async def run_service(
    items: Iterable[Any],
    call: Callable[..., Awaitable[Any]],
    stop: asyncio.Event,
    dead_letters: asyncio.Queue[Any],
    *,
    consumers: int = 5,
    maxsize: int = 5,
    attempts: int = 6,
    delay: float = 0.05,
    backoff: float = 2.0,
    jitter: float = 0.25,
    max_delay: float = 1.0,
    timeout: float = 0.5,
    budget: float = 20.0,
    refund: float = 0.2,
    grace: float = 1.0,
) -> dict[str, Any]:
    """Settle `items` until all are settled or `stop` is set; return the counts and what is left."""
    policy = Policy(attempts, delay, backoff, jitter, max_delay, timeout)
    shift = Shift(call, dead_letters, policy, Budget(budget, refund), asyncio.Queue(maxsize))
    if stop.is_set():
        return shift.result()
    # When a task dies of an error, the group cancels this block, wherever it waits, and raises.
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shift.consume(f"C{n}")) for n in range(1, consumers + 1)]
        work = group.create_task(shift.produce(items))
        told = group.create_task(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            # What waits will not be begun. Without it, join() is the end of what is in hand.
            while not shift.q.empty():
                shift.q.get_nowait()
                shift.q.task_done()
            in_hand = group.create_task(shift.q.join())
            await asyncio.wait({in_hand}, timeout=grace)
            tasks.append(in_hand)
        for task in (*tasks, told):
            task.cancel()
    for item in shift.open_items.values():
        await dead_letters.put((item, 1, TimeoutError()))
    return shift.result()
