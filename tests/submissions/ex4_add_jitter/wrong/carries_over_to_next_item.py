# label: wrong
# exercise: ex4_add_jitter
# misconception: delay-carried-to-next-item
# contract: ex3: the grown delay is used for the next item
# expect: The parameter delay itself is multiplied, so the next item starts with the long wait of the last one.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for left in range(attempts - 1, -1, -1):
            try:
                await process_item(item)
            except TransientError:
                if left == 0:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(delay * (1 + random.random() * jitter))
                delay *= backoff
            else:
                stats["consumed"] += 1
                break
        q.task_done()


if __name__ == "__main__":
    async def main():
        q, stats = asyncio.Queue(), dict(consumed=0, retried=0, failed=0)
        seen = {}

        async def read_sensor(item):
            await asyncio.sleep(0.06)
            seen[item] = seen.get(item, 0) + 1
            if seen[item] < item % 6:
                raise TransientError("no answer")

        for n in range(8):
            q.put_nowait(n)
        crew = [asyncio.create_task(consumer(f"C{n}", q, read_sensor, stats)) for n in range(1, 4)]
        await q.join()
        for task in crew:
            task.cancel()
        print(stats)

    asyncio.run(main())
