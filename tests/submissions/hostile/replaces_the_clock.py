# label: hostile
# exercise: ex4_add_jitter
# kind: clock
# verdict: reject
# contract: replaces the clocks of time and of the event loop
# expect: Failed: the retries do not wait.
import asyncio
import time

_now = 0.0


def tick():
    global _now
    _now += 1.0
    return _now


time.monotonic = time.time = time.perf_counter = tick
asyncio.base_events.BaseEventLoop.time = lambda self: tick()

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
