# label: wrong
# exercise: ex2_build_retry_loop
# misconception: waits-for-what-never-comes
# contract: ex2 2: the semaphore is released after a success only: after three items given up on the consumer waits for a permit for ever
# expect: A task waits for something that nobody brings about.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4):
    slots = asyncio.Semaphore(3)
    while True:
        await slots.acquire()
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                slots.release()
                break
        else:
            stats["failed"] += 1
        q.task_done()
