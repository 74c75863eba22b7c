# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; call_later() cancels the call's task, and who is cancelled is asked of cancelling()
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


async def limited(call, seconds):
    task = asyncio.create_task(call)
    rang = False

    def ring():
        nonlocal rang
        rang = task.cancel()

    alarm = asyncio.get_running_loop().call_later(seconds, ring)
    try:
        await task
    except asyncio.CancelledError:
        if not rang or asyncio.current_task().cancelling():
            raise  # it is us who are cancelled, or the service itself
        raise TimeoutError from None
    finally:
        alarm.cancel()


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        left, pause = attempts, delay
        while left:
            left -= 1
            try:
                await limited(process_item(item), timeout)
            except (TransientError, TimeoutError):
                if not left:
                    stats["failed"] += 1
                    continue
                stats["retried"] += 1
                await asyncio.sleep(pause + random.uniform(0, jitter) * pause)
                pause *= backoff
            else:
                stats["consumed"] += 1
                break
        q.task_done()
