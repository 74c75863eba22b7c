# label: wrong
# exercise: ex3_add_backoff
# misconception: drops-items
# contract: ex3: 1: after three items given up in a row a circuit breaker fails the next one without a single try; shows from the fourth item of a consumer when three before it failed for good
# expect: Items are thrown away instead of being worked on.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    given_up_in_a_row = 0
    while True:
        item = await q.get()
        if given_up_in_a_row >= 3:  # the circuit is open: fail fast, spare the service
            given_up_in_a_row = 0
            stats["failed"] += 1
            q.task_done()
            continue
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                given_up_in_a_row = 0
                break
        else:
            stats["failed"] += 1
            given_up_in_a_row += 1
        q.task_done()
