# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-cancellation
# contract: ex2 point 4: CancelledError is retried
# expect: except BaseException swallows CancelledError: a cancelled consumer tries its item again.
import asyncio


class TransientError(Exception):
    pass


class PermanentError(Exception):
    """every other error, after the last try"""


async def with_retries(call, attempts, on_retry):
    for attempt in range(1, attempts + 1):
        try:
            return await call()
        except BaseException as exc:
            if isinstance(exc, Exception) and not isinstance(exc, TransientError):
                raise
            if attempt == attempts:
                raise PermanentError from exc
            on_retry()


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    def on_retry():
        stats["retried"] += 1

    while True:
        item = await q.get()
        try:
            await with_retries(lambda: process_item(item), attempts, on_retry)
            stats["consumed"] += 1
        except PermanentError:
            stats["failed"] += 1
        q.task_done()
