# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; consumer is a plain def with **options that returns a coroutine
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(RuntimeError):
    pass


def consumer(name, q, process_item, stats, **options):
    attempts = options.pop("attempts", 4)
    if options:
        raise TypeError(f"consumer() got unexpected options {sorted(options)}")
    return _consume(q, process_item, stats, attempts)


async def _consume(q, process_item, stats, attempts):
    while True:
        item = await q.get()
        failures = 0
        while True:
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                failures += 1
            if failures == attempts:
                stats["failed"] += 1
                break
            stats["retried"] += 1
        q.task_done()
