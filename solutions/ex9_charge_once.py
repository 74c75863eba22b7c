"""Exercise 9, the reference: charge once.

Guests of a coffee bar paid twice, because each try carried a key of its own: to the provider every
retry was a new order. Now the key is made once per item, before the first try, and all tries of the
item carry it. The provider knows a retry by its key, and a second coffee by another one.

    python solutions/ex9_charge_once.py         watch it run
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
        # Once per item, outside of the loop over its tries: they all share the key, so the provider
        # knows a retry for what it is. Drawn, not made from the item: two coffees are two charges.
        key = new_key()
        for attempt in range(1, attempts + 1):
            try:
                await charge(item, key=key)
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
