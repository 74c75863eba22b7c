# label: wrong
# exercise: ex3_add_backoff
# misconception: linear-backoff
# contract: ex3: the wait grows linearly
# expect: The wait grows linearly (delay, 2 * delay, 3 * delay): it should be multiplied by backoff each time.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * attempt)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
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
