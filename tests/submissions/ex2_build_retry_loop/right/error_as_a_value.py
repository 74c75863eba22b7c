# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; gather() turns the error into a value, and what is not transient is raised again
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        left = attempts
        while left:
            left -= 1
            [result] = await asyncio.gather(process_item(item), return_exceptions=True)
            if not isinstance(result, BaseException):
                stats["consumed"] += 1
                break
            if not isinstance(result, TransientError):
                raise result
            stats["retried" if left else "failed"] += 1
        q.task_done()
