# label: wrong
# exercise: ex2_build_retry_loop
# misconception: giving-up-ends-consumer
# contract: ex2 point 2: the last TransientError leaves the consumer
# expect: The last TransientError is raised out of the consumer, which ends it: giving up is counted, not raised.
import asyncio


class TransientError(Exception):
    pass


async def attempt_all(process_item, item, stats, attempts):
    for attempt in range(1, attempts + 1):
        try:
            return await process_item(item)
        except TransientError:
            if attempt == attempts:
                raise
            stats["retried"] += 1


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        try:
            await attempt_all(process_item, item, stats, attempts)
            stats["consumed"] += 1
        except TransientError:
            stats["failed"] += 1
            raise
        finally:
            q.task_done()
