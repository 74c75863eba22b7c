# label: wrong
# exercise: ex1_add_maxsize
# misconception: static-partition
# contract: ex1 points 1, 2 and 4: every consumer works through a slice of its own
# expect: The items are divided into slices before any work begins: all of them are read at once, and the order and the balance are lost.
import asyncio
import time

T0 = time.perf_counter()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    items = list(items)

    async def consumer(mine):
        for n, item in enumerate(mine):
            print(f"PROD {item} SZ {len(mine) - n} {time.perf_counter() - T0:.3f}")
            await work(item)

    size = -(-len(items) // consumers)
    await asyncio.gather(*(consumer(items[i * size:(i + 1) * size]) for i in range(consumers)))
