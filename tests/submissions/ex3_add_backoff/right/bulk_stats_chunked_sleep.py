# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; sleeps in chunks off a budget, books an item's numbers when it is settled, task_done in a finally
# expect: Passed.

import asyncio
import time
from asyncio import sleep
from collections import Counter


class TransientError(RuntimeError):
    """It failed this time; it may well succeed the next."""


async def doze(seconds):
    chunk = max(0.02, seconds / 12)
    while seconds > 0:
        piece = min(seconds, chunk)
        await sleep(piece)
        seconds -= piece


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        try:
            pauses, pause = 0, delay
            while True:
                try:
                    await process_item(item)
                except Exception as error:
                    if not isinstance(error, TransientError):
                        raise
                    outcome = "failed"
                else:
                    outcome = "consumed"
                if outcome == "consumed" or pauses + 1 >= attempts:
                    break
                await doze(pause)
                pauses, pause = pauses + 1, pause * backoff
            stats["retried"] += pauses
            stats[outcome] += 1
        finally:  # once per item got, also for one that an error or a cancellation leaves
            q.task_done()
