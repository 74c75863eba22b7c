# label: wrong
# exercise: ex2_build_retry_loop
# misconception: tries-shared-by-consumers
# contract: ex2 point 1: all consumers count their tries in one global
# expect: All consumers count in the same global, so each one sets back and raises the tries of the others: items get fewer or more tries than attempts. A local variable is the consumer's own.
import asyncio

tries = 0


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    global tries
    while True:
        item = await q.get()
        tries = 0
        while True:
            tries += 1
            try:
                await process_item(item)
            except TransientError:
                if tries >= attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
