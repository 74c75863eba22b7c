# label: wrong
# exercise: ex3_add_backoff
# misconception: backoff-shrinks
# contract: ex3: the exponent counts the tries that are left, so the longest wait comes first
# expect: The longest wait comes first: the exponent counts the tries that are left instead of those that failed.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        left = attempts
        while left:
            left -= 1
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if not left:
                    stats["failed"] += 1
                    break
            stats["retried"] += 1
            await asyncio.sleep(delay * backoff ** (left - 1))
        q.task_done()
