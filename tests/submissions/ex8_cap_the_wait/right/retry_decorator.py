# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; a decorator as the retry libraries have it, with a stop function that is asked before the sleep
# expect: Passed: the stop function looks at the pause to come.
import asyncio
import functools
import random
import time


class TransientError(Exception):
    pass


def stop_before_delay(seconds):
    if seconds is None:
        return lambda since, upcoming: False
    return lambda since, upcoming: since + upcoming > seconds


def wait_exponential(start, base, limit, spread):
    def wait(number):
        try:
            clean = start * base ** (number - 1)
        except OverflowError:
            clean = limit
        clean = min(clean, limit)
        return clean + clean * spread * random.random()

    return wait


def retry(*, attempts, wait, stop, before_sleep):
    def decorate(call):
        @functools.wraps(call)
        async def wrapped(*given):
            began = time.perf_counter()
            for number in range(1, attempts + 1):
                try:
                    return await call(*given)
                except TransientError:
                    upcoming = wait(number)
                    if number == attempts or stop(time.perf_counter() - began, upcoming):
                        raise
                before_sleep()
                await asyncio.sleep(upcoming)

        return wrapped

    return decorate


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    def count_retry():
        stats["retried"] += 1

    patiently = retry(
        attempts=attempts,
        wait=wait_exponential(delay, backoff, max_delay, jitter),
        stop=stop_before_delay(deadline),
        before_sleep=count_retry,
    )(lambda item: process_item(item))
    while True:
        item = await q.get()
        try:
            await patiently(item)
        except TransientError:
            stats["failed"] += 1
        else:
            stats["consumed"] += 1
        q.task_done()
