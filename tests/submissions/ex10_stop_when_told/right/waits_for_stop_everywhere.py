# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; every wait is one for two things, `stop` and what is waited for; a pause that is too long is let go at once
# expect: Passed: whoever waits is woken by the stop, and whoever cannot be done in time does not wait for the end.
import asyncio
import random


class TransientError(Exception):
    pass


class Run:
    def __init__(self, process_item, stop, options):
        self.process_item, self.stop = process_item, stop
        self.attempts, self.delay, self.backoff, self.jitter, self.grace = options
        self.counts = {"consumed": 0, "retried": 0, "failed": 0}
        self.open = {}
        self.over = None

    async def or_stop(self, coroutine):
        """The result, and whether it came before the stop."""
        task = asyncio.ensure_future(coroutine)
        told = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result(), True
            return None, False
        finally:
            task.cancel()
            told.cancel()

    async def pause(self, seconds):
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        if not self.stop.is_set():
            _, slept = await self.or_stop(asyncio.sleep(seconds))
            if slept:
                return True
        if until > self.over():
            return False
        await asyncio.sleep(max(0.0, until - clock()))
        return True

    async def settle(self, number, item):
        attempt = 1
        while True:
            try:
                await self.process_item(item)
            except TransientError:
                if attempt == self.attempts:
                    self.counts["failed"] += 1
                    break
            else:
                self.counts["consumed"] += 1
                break
            clean = self.delay * self.backoff ** (attempt - 1)
            if not await self.pause(clean + random.uniform(0, self.jitter * clean)):
                return
            self.counts["retried"] += 1
            attempt += 1
        del self.open[number]

    async def consumer(self, q):
        while not self.stop.is_set():
            got, in_time = await self.or_stop(q.get())
            if not in_time or self.stop.is_set():
                return
            await self.settle(*got)
            q.task_done()

    async def producer(self, items, q):
        for number, item in enumerate(items):
            self.open[number] = item
            _, in_time = await self.or_stop(q.put((number, item)))
            if not in_time or self.stop.is_set():
                return
        await self.or_stop(q.join())


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    run = Run(process_item, stop, (attempts, delay, backoff, jitter, grace))
    if stop.is_set():
        return {**run.counts, "unfinished": []}
    clock = asyncio.get_running_loop().time
    q = asyncio.Queue(maxsize)
    told_at = None

    def over():
        nonlocal told_at
        if told_at is None:
            told_at = clock()
        return told_at + grace

    run.over = over
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(run.consumer(q)) for _ in range(consumers)]
        await run.producer(items, q)
        if stop.is_set():
            await asyncio.wait(crew, timeout=over() - clock())
        for task in crew:
            task.cancel()
    return {**run.counts, "unfinished": [*run.open.values()]}
