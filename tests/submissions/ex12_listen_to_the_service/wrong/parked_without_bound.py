# label: wrong
# exercise: ex12_listen_to_the_service
# misconception: bound-too-large
# contract: point 7: what waits for its retry is parked, and nothing bounds how much that is
# expect: More items are taken than may be.
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
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    pace = Pace(rate)
    loop = asyncio.get_running_loop()
    again = asyncio.Queue()

    async def feed():
        for item in items:
            await q.put((item, 1))

    async def work():
        while True:
            item, number = await (again if again.qsize() else q).get()
            await pace.wait()
            try:
                await process_item(item)
            except TransientError as error:
                if number < attempts:
                    least = max(delay * backoff ** (number - 1), getattr(error, "retry_after", 0))
                    stats["retried"] += 1
                    loop.call_later(least * random.uniform(1, 1 + jitter), put_back, (item, number + 1))
                    continue
                stats["failed"] += 1
            else:
                stats["consumed"] += 1
            q.task_done()

    def put_back(pair):
        if q.full():
            again.put_nowait(pair)
        else:
            q.put_nowait(pair)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(work()) for _ in range(consumers)]
        await feed()
        await q.join()
        for one in crew:
            one.cancel()
    return stats
