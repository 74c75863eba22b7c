# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-other-errors
# contract: ex2 point 4: other errors are not retried, but counted as failed and swallowed
# expect: A ValueError is counted as failed and forgotten: an error that is not transient has to leave the consumer.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        attempt = 1
        while True:
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt >= attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                attempt += 1
            except Exception as error:
                print(f"{name} FAIL {item}: {error!r}, no use trying again")
                stats["failed"] += 1
                break
        q.task_done()
