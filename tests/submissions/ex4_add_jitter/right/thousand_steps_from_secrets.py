# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; the random part has a thousand steps
# expect: Passed: each retry waits d plus a fresh random part, and the herd is spread over the window.
import asyncio
import secrets


class TransientError(Exception):
    pass


def spread(d: float, jitter: float) -> float:
    """d, and up to d * jitter more, in steps of a thousandth."""
    return d + d * jitter * secrets.randbelow(1001) / 1000


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        clean, tried = delay, 0
        try:
            while True:
                tried += 1
                try:
                    await process_item(item)
                except TransientError:
                    if tried == attempts:
                        stats["failed"] += 1
                        break
                else:
                    stats["consumed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(spread(clean, jitter))
                clean *= backoff
        finally:
            q.task_done()
