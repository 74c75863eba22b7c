# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; the log goes through logging, to stdout
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import logging
import sys
import time


def make_log():
    log = logging.getLogger("pipeline.ex1")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers[:] = [logging.StreamHandler(sys.stdout)]
    return log


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    log = make_log()
    q = asyncio.Queue(maxsize=maxsize)
    t0 = time.perf_counter()

    async def producer():
        for item in items:
            await q.put(item)
            log.info("PROD %s SZ %d %.3f", item, q.qsize(), time.perf_counter() - t0)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        workers = [tg.create_task(consumer()) for _ in range(consumers)]
        await tg.create_task(producer())
        await q.join()
        for worker in workers:
            worker.cancel()
