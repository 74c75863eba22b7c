# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: reject
# contract: imports a package that is not in the standard library
# expect: No module named 'tenacity': only the standard library is allowed.
import asyncio

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        async for attempt in AsyncRetrying(stop=stop_after_attempt(attempts), retry=retry_if_exception_type(TransientError),
                                           wait=wait_exponential_jitter(delay, exp_base=backoff, jitter=jitter)):
            with attempt:
                await process_item(item)
        stats["consumed"] += 1
        q.task_done()
