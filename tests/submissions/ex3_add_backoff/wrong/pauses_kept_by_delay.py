# label: wrong
# exercise: ex3_add_backoff
# misconception: state-shared-between-runs
# contract: ex3: pauses are kept by delay and number of the try, without backoff, and outlive the call
# expect: A later call with the same delay and another backoff waits as the earlier one was asked to.
import asyncio


class TransientError(Exception):
    pass


PAUSES = {}


def pause_after(attempt, delay, backoff):
    if (delay, attempt) not in PAUSES:
        PAUSES[delay, attempt] = delay * backoff ** (attempt - 1)
    return PAUSES[delay, attempt]


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(pause_after(attempt, delay, backoff))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
