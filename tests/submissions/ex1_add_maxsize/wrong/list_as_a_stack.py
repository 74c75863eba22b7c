# label: wrong
# exercise: ex1_add_maxsize
# misconception: items-out-of-order
# contract: ex1 point 2: the items are begun in order
# expect: The newest item is worked on first: list.pop() takes from the end. A queue gives out the oldest.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    waiting = []
    changed = asyncio.Condition()
    finished = False

    async def consumer():
        while True:
            async with changed:
                await changed.wait_for(lambda: waiting or finished)
                if not waiting:
                    return
                item = waiting.pop()
                changed.notify_all()
            await work(item)

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        async with changed:
            await changed.wait_for(lambda: len(waiting) < maxsize)
            waiting.append(item)
            changed.notify_all()
            print(f"PROD {item} SZ {len(waiting)} {time.perf_counter() - T0:.3f}")
    async with changed:
        finished = True
        changed.notify_all()
    await asyncio.gather(*workers)
