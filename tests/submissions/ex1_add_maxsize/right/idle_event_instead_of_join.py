# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; an own count and a future instead of join()
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    loop = asyncio.get_running_loop()
    q = asyncio.Queue(maxsize)
    all_done = loop.create_future()
    produced = finished = 0
    last_is_out = False

    def check():
        if last_is_out and finished == produced and not all_done.done():
            all_done.set_result(None)

    async def consumer():
        nonlocal finished
        while True:
            item = await q.get()
            await work(item)
            finished += 1
            check()

    tasks = [loop.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        produced += 1
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - start:.3f}")
    last_is_out = True
    check()
    await all_done
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
