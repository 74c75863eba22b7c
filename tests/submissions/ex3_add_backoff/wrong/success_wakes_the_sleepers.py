# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-shared-by-consumers
# contract: ex3 pauses: 'the service is back': a success of one consumer cuts the pauses of the others on the same queue short
# expect: All consumers use and change one pause.
import asyncio
import weakref


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


recovered_by_queue = weakref.WeakKeyDictionary()


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    recovered = recovered_by_queue.setdefault(q, asyncio.Event())
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    try:
                        async with asyncio.timeout(delay * backoff ** (attempt - 1)):
                            await recovered.wait()
                    except TimeoutError:
                        pass
            else:
                stats["consumed"] += 1
                recovered.set()
                recovered.clear()
                break
        else:
            stats["failed"] += 1
        q.task_done()
