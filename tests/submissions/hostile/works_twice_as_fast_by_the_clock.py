# label: hostile
# exercise: ex1_add_maxsize
# kind: clock
# verdict: reject
# contract: sets the clock of the loop back after every item
# expect: Failed: the items are not worked on.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    loop = asyncio.get_running_loop()
    loop.time = lambda: 0.0
    time.perf_counter = time.monotonic = time.time = lambda: 0.0
    for number, item in enumerate(items):
        print(f"PROD {item} SZ {min(number + 1, maxsize)} 0.000")
        asyncio.ensure_future(work(item))
