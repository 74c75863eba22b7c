# label: wrong
# exercise: ex2_build_retry_loop
# misconception: retries-other-errors
# contract: ex2 point 4: suppress(Exception) hides and retries every error
# expect: Every error is hidden and tried again: suppress(Exception) catches more than TransientError.
import asyncio
from contextlib import suppress


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        done = False
        for attempt in range(attempts):
            if attempt:
                stats["retried"] += 1
            with suppress(Exception):
                await process_item(item)
                done = True
            if done:
                break
        stats["consumed" if done else "failed"] += 1
        q.task_done()
