# label: wrong
# exercise: ex2_build_retry_loop
# misconception: cancellation-replaced
# contract: ex2 point 4: CancelledError leaves the consumer as it is
# expect: A cancelled consumer ends with a RuntimeError instead of the CancelledError: whoever cancelled it takes that for a fault. Let CancelledError pass.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    try:
        while True:
            item = await q.get()
            tried = 0
            while True:
                tried += 1
                try:
                    await process_item(item)
                except TransientError:
                    if tried == attempts:
                        stats["failed"] += 1
                        break
                    stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
            q.task_done()
    except asyncio.CancelledError:
        raise RuntimeError(f"{name} was stopped")
