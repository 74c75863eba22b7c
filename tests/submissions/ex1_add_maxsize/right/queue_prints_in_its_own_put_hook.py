# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; a subclass prints at the moment the item goes in
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import time


class TalkingQueue(asyncio.Queue):
    """Prints whenever an item has gone in."""

    t0 = time.perf_counter()

    def _put(self, item):
        super()._put(item)
        print(f"PROD {item} SZ {self.qsize()} {time.perf_counter() - self.t0:.3f}")


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = TalkingQueue(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            try:
                await work(item)
            finally:
                q.task_done()

    crew = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
    await q.join()
    for c in crew:
        c.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
