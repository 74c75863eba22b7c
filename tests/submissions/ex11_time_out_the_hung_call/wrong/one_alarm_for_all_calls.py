# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: timeout-hits-others
# contract: ex11 point 4: when the time of one call is over, all calls that run are cancelled
# expect: One consumer's limit ends the calls of the others, too.
import asyncio
import random


class TransientError(Exception):
    pass


calls, hit = set(), set()


def stop_all():
    for call in calls:
        call.cancel()
    hit.update(calls)


async def limited(call, seconds):
    task = asyncio.ensure_future(call)
    calls.add(task)
    alarm = asyncio.get_running_loop().call_later(seconds, stop_all)
    try:
        await asyncio.wait({task})
        if task in hit:
            raise TimeoutError
        return task.result()
    finally:
        alarm.cancel()
        calls.discard(task)
        hit.discard(task)
        task.cancel()


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await limited(process_item(item), timeout)
            except (TransientError, TimeoutError):
                if attempt < attempts:
                    pause = delay * backoff ** (attempt - 1)
                    pause += random.uniform(0, pause * jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
