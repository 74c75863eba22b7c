# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; each try is the child of a TaskGroup, whose errors are taken out of their group
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def attempt_once(process_item, item, timeout):
    late = False

    def over():
        nonlocal late
        late = True
        call.cancel()

    alarm = None
    try:
        async with asyncio.TaskGroup() as group:
            call = group.create_task(process_item(item))
            alarm = asyncio.get_running_loop().call_later(timeout, over)
            call.add_done_callback(lambda _: alarm.cancel())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        if alarm is not None:
            alarm.cancel()
    if late:
        raise TransientError("no answer in time")
    if call.cancelled():
        raise asyncio.CancelledError


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            try:
                await attempt_once(process_item, item, timeout)
            except (TransientError, TimeoutError) as error:
                print(name, "RETRY" if k < attempts else "FAIL", item, repr(error))
                if k < attempts:
                    stats["retried"] += 1
                    clean = delay * backoff ** (k - 1)
                    await asyncio.sleep(random.uniform(clean, clean + clean * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
