# label: right
# exercise: ex12_listen_to_the_service
# contract: retries are parked with a timer, so that a pause keeps no consumer; no task_done and no join
# expect: Passes.
import asyncio
import random


class TransientError(Exception):
    pass


class TooManyRequests(TransientError):
    def __init__(self, retry_after):
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Pace:
    def __init__(self, rate):
        self.gap = 1 / rate
        self.next = 0.0
        self.lock = asyncio.Lock()

    async def wait(self):
        loop = asyncio.get_running_loop()
        async with self.lock:
            await asyncio.sleep(max(0, self.next - loop.time()))
            self.next = loop.time() + self.gap


async def run_pipeline(items, process_item, *, rate=10, consumers=5, maxsize=5,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    """Whoever is free takes what is ready: an item that waits for its retry keeps nobody."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    ready = asyncio.Queue()
    room = asyncio.Semaphore(maxsize + consumers)
    pace = Pace(rate)
    loop = asyncio.get_running_loop()

    async def work():
        while True:
            item, number = await ready.get()
            await pace.wait()
            try:
                await process_item(item)
            except TransientError as error:
                if number < attempts:
                    least = max(delay * backoff ** (number - 1), getattr(error, "retry_after", 0))
                    stats["retried"] += 1
                    pause = least * random.uniform(1, 1 + jitter)
                    loop.call_later(pause, ready.put_nowait, (item, number + 1))
                    continue
                stats["failed"] += 1
            else:
                stats["consumed"] += 1
            room.release()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(work()) for _ in range(consumers)]
        for item in items:
            await room.acquire()
            ready.put_nowait((item, 1))
        for _ in range(maxsize + consumers):
            await room.acquire()
        for one in crew:
            one.cancel()
    return stats
