# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio
import functools
import operator


class TransientError(Exception):
    def __init__(self, *args):
        super().__init__(*args or ("try again",))


def bump(stats, key, by=1):
    operator.setitem(stats, key, operator.getitem(stats, key) + by)


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    count = functools.partial(bump, stats)
    next_item, mark_done = q.get, q.task_done
    while True:
        item = await next_item()
        remaining = iter(range(attempts - 1, -1, -1))
        for left in remaining:
            try:
                await process_item(item)
                count("consumed")
            except TransientError:
                count("retried" if left else "failed")
            else:
                break
        mark_done()
