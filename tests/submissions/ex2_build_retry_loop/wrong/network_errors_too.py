# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retries-other-errors
# contract: ex2 point 4: the built-in ConnectionError and TimeoutError are retried as well
# expect: A built-in TimeoutError is tried again and counted: only TransientError is retried, everything else leaves the consumer.
import asyncio


class TransientError(Exception):
    pass


RETRYABLE = (TransientError, ConnectionError, TimeoutError)


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        try:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except RETRYABLE:
                    if attempt < attempts:
                        stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
        finally:
            q.task_done()
