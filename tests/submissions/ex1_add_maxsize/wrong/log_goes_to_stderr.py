# label: wrong
# exercise: ex1_add_maxsize
# misconception: log-not-on-stdout
# contract: ex1 point 5: the lines are written to stderr
# expect: No PROD lines on stdout: logging writes to stderr unless it is told otherwise.
import asyncio
import logging
import time

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger(__name__)
T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        log.info("PROD %s SZ %d %.3f", item, q.qsize(), time.perf_counter() - T0)
    await q.join()
    for t in workers:
        t.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


if __name__ == "__main__":
    async def upload(item):
        await asyncio.sleep(0.1)
        print(f"DONE {item}")

    asyncio.run(run_pipeline(range(1, 13), upload))
