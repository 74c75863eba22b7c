# label: right
# exercise: ex14_break_the_circuit
# contract: keeps all points; closures, a timer of the loop, and a row of futures
# expect: Passes every check.
import asyncio
import random
from collections import deque


class TransientError(Exception):
    pass


def make_circuit(threshold, cooldown):
    loop = asyncio.get_running_loop()
    waiting = deque()
    state, row, timers = "closed", 0, []

    def wake(probe):
        while waiting:
            future = waiting.popleft()
            if not future.done():
                future.set_result(probe)
                return True
        return False

    def cooled_down():
        nonlocal state
        state = "probing" if wake(True) else "ready"

    def open_it():
        nonlocal state, row
        state, row = "open", 0
        timers.append(loop.call_later(cooldown, cooled_down))

    async def enter():
        nonlocal state
        if state == "closed":
            return False
        if state == "ready":
            state = "probing"
            return True
        future = loop.create_future()
        waiting.append(future)
        return await future

    def leave(probe, success):
        nonlocal state, row
        if probe:
            if not success:
                open_it()
                return
            state, row = "closed", 0
            while wake(False):
                pass
        elif state == "closed":
            row = 0 if success else row + 1
            if row == threshold:
                open_it()

    def shut():
        for timer in timers:
            timer.cancel()

    return enter, leave, shut


async def consumer(q, process_item, stats, enter, leave, pauses):
    while True:
        item = await q.get()
        for pause in pauses():
            probe = await enter()
            try:
                await process_item(item)
            except TransientError:
                leave(probe, False)
                if pause is None:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
                    await asyncio.sleep(pause)
            else:
                leave(probe, True)
                stats["consumed"] += 1
                break
        q.task_done()


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    def pauses():
        for retry in range(attempts - 1):
            yield delay * backoff**retry * (1 + jitter * random.random())
        yield None

    stats = dict.fromkeys(("consumed", "retried", "failed"), 0)
    q = asyncio.Queue(maxsize)
    enter, leave, shut = make_circuit(threshold, cooldown)
    try:
        async with asyncio.TaskGroup() as group:
            crew = [
                group.create_task(consumer(q, process_item, stats, enter, leave, pauses))
                for _ in range(consumers)
            ]
            for item in items:
                await q.put(item)
            await q.join()
            for task in crew:
                task.cancel()
    finally:
        shut()
    return stats
