# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; gather() collects what became of the call as a value, and the alarm notes that it rang
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    loop = asyncio.get_running_loop()

    async def outcome_of(item):
        call = asyncio.create_task(process_item(item))
        rang = []
        alarm = loop.call_later(timeout, lambda: rang.append(call.cancel()))
        try:
            (outcome,) = await asyncio.gather(call, return_exceptions=True)
        finally:
            alarm.cancel()
        return TimeoutError() if any(rang) and call.cancelled() else outcome

    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            outcome = await outcome_of(item)
            if not isinstance(outcome, BaseException):
                stats["consumed"] += 1
                break
            if not isinstance(outcome, (TransientError, TimeoutError)):
                raise outcome
            if attempt == attempts:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            pause = delay * backoff ** (attempt - 1)
            await asyncio.sleep(pause + random.uniform(0, pause * jitter))
        q.task_done()
