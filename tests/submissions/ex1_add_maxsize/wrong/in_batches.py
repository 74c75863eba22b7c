# label: wrong
# exercise: ex1_add_maxsize
# misconception: batches-with-a-barrier
# contract: ex1 point 4: takes `consumers` items from the queue, gathers their work and only then takes the next batch: with unequal work a free hand waits for the slowest of the batch. Right with equal work
# expect: Each batch waits for the slowest item of the last one.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    end = object()

    async def produce():
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.put(end)

    async def one(item):
        await work(item)
        print("OK", item, f"{time.perf_counter() - start:.3f}")

    async def serve():
        more = True
        while more:
            batch = []
            while more and len(batch) < consumers:
                item = await q.get()
                if item is end:
                    more = False
                else:
                    batch.append(one(item))
            await asyncio.gather(*batch)

    await asyncio.gather(produce(), serve())


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
