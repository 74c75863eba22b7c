# label: wrong
# exercise: ex3_add_backoff
# misconception: waits-one-at-a-time
# contract: ex3: consumers wait for each other's waits
# expect: Only one consumer may sleep at a time, so waits of different consumers add up: each waits on its own, at the same time as the others.
import asyncio


class TransientError(Exception):
    pass


class Gate:
    """Protects the stats while a retry is counted."""

    locks = {}

    @classmethod
    def here(cls):
        return cls.locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    async with Gate.here():
                        stats["retried"] += 1
                        await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
