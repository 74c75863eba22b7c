"""Exercise 9: charge once.

Your coffee bar takes orders at the table, and a few consumers charge the guests' cards in the
background. On Saturday, from 11:02 to 11:09, the card network had a bad moment. Our log of these
minutes looks healthy: some RETRY lines, then an OK for every order, and the stats add up. On Monday
23 guests write that they paid twice, and the provider's ledger agrees with them. The provider's
support says: "Your calls reached us. It was our answers that did not reach you. As agreed, we make
no second charge for a key that we have seen. Please look on your side."

The service

    `await charge(item, key=key)` charges a guest. It may fail with a TransientError before the
    charge was made, or after it, when only the answer is lost: you cannot tell which. For a key
    that it has seen before it makes no charge, and answers as if it had just made one.

Your task, in consumer

    Find out why guests pay twice, and repair it, so that each order is charged once, whatever
    becomes of the answers.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    One key for all tries   1, 4
    A key for each item     2, 3
    Wait as before          5
    Keep the old rules      5, 6, 7

The contract (1 and 4 are what the bug breaks; the others hold already, and must go on holding)

    1. All tries of one item carry the same key: a plain, non-empty str.
    2. Different items carry different keys, whoever takes them, and whatever the consumers are
       called. The items have no number of their own: two coffees are two charges, also where they
       are equal, or one and the same object in Python.
    3. That holds for the next run of the program as well, and for a copy of it that starts at the
       same moment on another machine: no clock, no bare counter, no fixed seed. A key drawn at
       random comes from so many that no two meet (eight hex digits are enough).
    4. The ledger shows exactly one charge for each item that counts as consumed. (What it shows for
       an item that was given up on is left open.)
    5. From the exercises before: a waiting item is begun at once, and tried until it succeeds or
       `attempts` tries have failed. After failed try k, and only before another one, pass
       d = `delay * backoff ** (k - 1)` seconds and a random part, drawn afresh for each retry,
       uniformly from 0 to `d * jitter`. The consumer that holds an item makes its retries. Giving
       up never stops it, and nothing blocks the event loop.
    6. The stats are true as soon as an item is settled (succeeded or given up on), and task_done()
       is called exactly once per item, after that. (An item that an error or a cancellation leaves
       unsettled: not counted, and task_done() at most once.)
    7. Only TransientError and its subclasses are retried. Any other exception, and
       asyncio.CancelledError, leaves the consumer at once.

When it works, the day ends like this (your times will differ)

    C2 RETRY latte 1 0.032 0.118         the answer was lost, the charge was made ...
    C2 OK latte 0.231                    ... and this try did not make another

    Settled: {'consumed': 12, 'retried': 4, 'failed': 0}
    The provider's ledger: 12 charges for 12 orders.

Try it

    python exercises/ex9_charge_once.py         watch it run
    nox -s grade -- ex9                         have it checked
    nox -s grade -- hint ex9                    when you are stuck
"""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


def new_key() -> str:
    """A key that nobody has used before, on any machine."""
    return str(uuid.uuid4())


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    charge: Callable[..., Coroutine[Any, Any, None]],
    stats: dict[str, int],
    *,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        # TODO: whenever an answer is lost the guest pays twice. Why does the provider not notice?
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=new_key())
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()


# --- The demo: it works as it is ------------------------------------------------------------------

ORDERS = ("espresso", "latte", "tea", "espresso", "flat-white", "mocha") * 2
BAD_MOMENT = {2: "lost", 3: "busy", 6: "lost", 9: "lost"}  # call: what becomes of it


class Provider:
    """Charges cards; remembers the keys that it has seen."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: set[str] = set()
        self.ledger: list[str] = []

    async def charge(self, item: str, *, key: str) -> None:
        """Charge the guest who ordered `item`, unless `key` was seen before."""
        self.calls += 1
        trouble = BAD_MOMENT.get(self.calls)
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if trouble == "busy":
            raise TransientError("503 busy: nothing was charged")
        if key not in self.seen:
            self.seen.add(key)
            self.ledger.append(item)
        if trouble == "lost":
            raise TransientError("the connection was lost")


async def demo() -> None:
    """Settle twelve orders; then look into the provider's ledger."""
    provider = Provider()
    q: asyncio.Queue[Any] = asyncio.Queue()
    for order in ORDERS:
        q.put_nowait(order)
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    crew = [asyncio.create_task(consumer(f"C{n}", q, provider.charge, stats)) for n in range(1, 4)]
    await q.join()
    for task in crew:
        task.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
    print(f"\nSettled: {stats}")
    print(f"The provider's ledger: {len(provider.ledger)} charges for {len(ORDERS)} orders.")
    for item, count in (Counter(provider.ledger) - Counter(ORDERS)).items():
        print(f"    Charged, and never ordered: {count} x {item}")


if __name__ == "__main__":
    asyncio.run(demo())
