# label: wrong
# exercise: ex1_add_maxsize
# misconception: batches-with-a-barrier
# contract: ex1 points 1 and 4: the next batch waits for the slowest item of the last
# expect: The items go in batches, and each batch waits for its slowest item while the other consumers stand still. There is no queue between producer and consumers.
import asyncio
import itertools
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    start = time.perf_counter()
    source = iter(items)
    while batch := list(itertools.islice(source, consumers)):
        for n, item in enumerate(batch, 1):
            print(f"PROD {item} SZ {n} {time.perf_counter() - start:.3f}")
        await asyncio.gather(*(work(item) for item in batch))
