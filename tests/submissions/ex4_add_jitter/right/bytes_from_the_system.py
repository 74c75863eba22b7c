# label: right
# exercise: ex4_add_jitter
# contract: keeps every point
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import os


class TransientError(Exception):
    pass


def share():
    """A number from 0 up to 1, from the operating system."""
    return int.from_bytes(os.urandom(7), "big") / 256 ** 7


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    async def rest(number):
        d = delay * backoff ** (number - 1)
        await asyncio.sleep(d * (1 + jitter * share()))

    while True:
        item = await q.get()
        number = 1
        while number <= attempts:
            try:
                await process_item(item)
            except TransientError:
                if number < attempts:
                    stats["retried"] += 1
                    await rest(number)
                else:
                    stats["failed"] += 1
                number += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
