# label: wrong
# exercise: ex1_add_maxsize
# misconception: empty-queue-taken-for-finished
# contract: ex1 point 2: cancels consumers that still work on the last items
# expect: An empty queue does not mean finished work: the last items are cancelled while they are being worked on. Wait with q.join().
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    while not q.empty():
        await asyncio.sleep(0.01)
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
