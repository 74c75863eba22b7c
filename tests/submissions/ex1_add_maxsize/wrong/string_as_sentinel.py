# label: wrong
# exercise: ex1_add_maxsize
# misconception: sentinel-can-be-an-item
# contract: ex1 point 2: the item "STOP" is taken for the end
# expect: An item that happens to be "STOP" ends a consumer and is never worked on. A sentinel has to be something that no item can be, such as object().
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while True:
            item = await q.get()
            if item == "STOP":
                return
            await work(item)

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    for _ in range(consumers):
        await q.put("STOP")
    await asyncio.gather(*workers)
