# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; run_pipeline is a plain def that returns a coroutine
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import functools
import time


def run_pipeline(items, work, *, consumers=3, maxsize=3):
    return _run(iter(items), work, consumers, asyncio.Queue(maxsize=maxsize))


def _log(queue, start, item):
    print(f"PROD {item} SZ {queue.qsize()} {time.perf_counter() - start:.3f}")


async def _worker(queue, work):
    while True:
        item = await queue.get()
        await work(item)
        queue.task_done()


async def _run(source, work, number, queue):
    log = functools.partial(_log, queue, time.perf_counter())
    tasks = [asyncio.create_task(_worker(queue, work)) for _ in range(number)]
    for item in source:
        await queue.put(item)
        log(item)
    await queue.join()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
