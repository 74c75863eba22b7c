# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-few-tries
# contract: ex2 4: written against the demo's messages: a TransientError whose text lacks 'busy' is not retried but ends the consumer
# expect: Items are given up on before attempts tries have failed.
import asyncio


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if "busy" not in str(error):
                    raise
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
