# label: wrong
# exercise: ex3_add_backoff
# misconception: too-few-tries
# contract: ex3 (ex2's 1): the retry is made in the except clause, where nothing guards it: an item that fails twice ends the consumer
# expect: Items are given up on before attempts tries have failed.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(delay * backoff ** (attempt - 1))
                await process_item(item)
            stats["consumed"] += 1
            break
        q.task_done()
