# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: input() at import
# expect: Your file asks for input while it is imported: move that under `if __name__ == "__main__":`.
import asyncio

workers = int(input("How many consumers? "))

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
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
