# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; a future that the call or the alarm resolves by a callback, whichever comes first
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


def consumer(name, q, process_item, stats, **options):
    """A plain function that gives a coroutine."""
    return _consume(q, process_item, stats, {"timeout": 0.5, "attempts": 4, "delay": 0.03,
                                             "backoff": 2.0, "jitter": 0.25} | options)


async def _consume(q, process_item, stats, o):
    while item := (await q.get(),):
        for k in range(1, o["attempts"] + 1):
            error = await _error_of(process_item(*item), o["timeout"])
            if error is None:
                stats["consumed"] += 1
                break
            if not isinstance(error, (TransientError, TimeoutError)):
                raise error
            if k == o["attempts"]:
                stats["failed"] += 1
            else:
                stats["retried"] += 1
                d = o["delay"] * o["backoff"] ** (k - 1)
                await asyncio.sleep(random.uniform(d, d * (1 + o["jitter"])))
        q.task_done()


async def _error_of(call, seconds):
    """What the call raised, a TimeoutError when its time was over, None when it succeeded."""
    loop = asyncio.get_running_loop()
    task, first = loop.create_task(call), loop.create_future()

    def resolve(what):
        if not first.done():
            first.set_result(what)

    task.add_done_callback(lambda _: resolve("call"))
    alarm = loop.call_later(seconds, resolve, "alarm")
    try:
        if await first == "alarm":
            task.cancel()
            await asyncio.wait([task])
            return TimeoutError(seconds)
    finally:
        alarm.cancel()
        task.cancel()
    if task.cancelled():
        return asyncio.CancelledError()
    return task.exception()
