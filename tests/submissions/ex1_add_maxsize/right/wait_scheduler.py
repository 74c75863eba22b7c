# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; one coroutine schedules everything: tops up a deque to maxsize, starts up to `consumers` tasks, sleeps in asyncio.wait
# expect: Passed.
import asyncio
import time
from collections import deque


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    source = iter(items)
    line = deque()
    running = set()
    more = True

    async def one(item):
        await work(item)
        print("DONE", item, f"{time.perf_counter() - start:.3f}")

    def top_up():
        nonlocal more
        moved = False
        while more and len(line) < maxsize:
            try:
                item = next(source)
            except StopIteration:
                more = False
            else:
                line.append(item)
                print("PROD", item, "SZ", len(line), f"{time.perf_counter() - start:.3f}")
                moved = True
        return moved

    def send_out():
        moved = False
        while line and len(running) < consumers:
            running.add(asyncio.create_task(one(line.popleft())))
            moved = True
        return moved

    while True:
        while top_up() | send_out():
            pass
        if not running:
            return
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
