# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-cancellation
# contract: ex2 point 4: CancelledError is swallowed
# expect: The consumer catches CancelledError and returns: whoever cancelled it cannot see that it was cancelled. Raise it again.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    try:
        while True:
            item = await q.get()
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt < attempts:
                        stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
    except asyncio.CancelledError:
        print(f"{name} stopped")


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
