# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; the call races a task that sleeps, whichever is first
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


class TooLong(TransientError):
    pass


async def race(call, seconds):
    runner = asyncio.create_task(call)
    alarm = asyncio.create_task(asyncio.sleep(seconds))
    try:
        await asyncio.wait([runner, alarm], return_when=asyncio.FIRST_COMPLETED)
        if runner.done():
            return runner.result()
    finally:
        alarm.cancel()
        if not runner.done():
            runner.cancel()
            await asyncio.gather(runner, return_exceptions=True)
    raise TooLong(seconds)


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    async def work(item):
        for number in range(1, attempts + 1):
            try:
                await race(process_item(item), timeout)
                return True
            except (TransientError, TimeoutError):
                if number == attempts:
                    return False
            base = delay * backoff ** (number - 1)
            stats["retried"] += 1
            await asyncio.sleep(base * (1 + jitter * random.random()))

    while True:
        item = await q.get()
        if await work(item):
            stats["consumed"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
