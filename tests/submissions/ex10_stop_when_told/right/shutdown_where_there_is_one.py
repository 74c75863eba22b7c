# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; closes the queue with shutdown(immediate=True) on 3.13, and by hand before
# expect: Passed: the queue itself tells whoever waits for it that there is no more.
import asyncio
import random


class TransientError(Exception):
    pass


class Closed(Exception):
    pass


class ClosedQueue(asyncio.Queue):
    """asyncio.Queue with a shutdown, for Pythons that have none."""

    if not hasattr(asyncio.Queue, "shutdown"):
        def shutdown(self, immediate=False):
            self.closed = True
            while not self.empty():
                self.get_nowait()
                self.task_done()
            for waiter in [*self._getters, *self._putters]:
                if not waiter.done():
                    waiter.set_exception(Closed())


CLOSED = getattr(asyncio, "QueueShutDown", Closed)


async def consumer(q, process_item, stats, left, stop, attempts, delay, backoff, jitter):
    while not stop.is_set():
        try:
            key, item = await q.get()
        except CLOSED:
            return
        tries = 0
        while tries < attempts:
            tries += 1
            try:
                await process_item(item)
            except TransientError:
                if tries == attempts:
                    stats["failed"] += 1
                else:
                    wait = delay * backoff ** (tries - 1)
                    wait *= 1 + random.uniform(0, jitter)
                    stats["retried"] += 1
                    await asyncio.sleep(wait)
            else:
                stats["consumed"] += 1
                break
        left.pop(key)
        q.task_done()


async def producer(items, q, left, stop):
    for item in items:
        key = object()
        left[key] = item
        try:
            await q.put((key, item))
        except CLOSED:
            return
        if stop.is_set():
            return
    await q.join()


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left = {}
    if not stop.is_set():
        q = ClosedQueue(maxsize)
        async with asyncio.TaskGroup() as group:
            crew = [
                group.create_task(consumer(q, process_item, stats, left, stop, attempts, delay, backoff, jitter))
                for _ in range(consumers)
            ]
            feeding = group.create_task(producer(items, q, left, stop))
            told = group.create_task(stop.wait())
            await asyncio.wait([feeding, told], return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if stop.is_set():
                q.shutdown(immediate=True)
                feeding.cancel()
                await asyncio.wait(crew, timeout=grace)
            for task in crew:
                task.cancel()
    return {**stats, "unfinished": list(left.values())}
