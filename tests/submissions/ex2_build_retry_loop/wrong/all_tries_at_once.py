# label: wrong
# exercise: ex2_build_retry_loop
# misconception: tries-run-at-once
# contract: ex2 points 1 and 2: all tries of an item run at the same time
# expect: All tries of an item start together, also when the first one would have succeeded: try again only after a failure.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        results = await asyncio.gather(*[process_item(item) for _ in range(attempts)], return_exceptions=True)
        failures = 0
        for result in results:
            if isinstance(result, TransientError):
                failures += 1
            elif isinstance(result, BaseException):
                raise result
        if failures == attempts:
            stats["failed"] += 1
            stats["retried"] += attempts - 1
        else:
            stats["consumed"] += 1
            stats["retried"] += failures
        q.task_done()
