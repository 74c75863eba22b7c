# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; a helper task of the consumer's own does all the sleeping, and is ended together with the consumer
# expect: Passed.

import asyncio
import time
from collections import Counter


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


class AlarmClock:
    async def __aenter__(self):
        self._orders = asyncio.Queue()
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *error):
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self):
        while True:
            seconds, bell = await self._orders.get()
            await asyncio.sleep(seconds)
            if not bell.done():
                bell.set_result(None)

    async def ring_after(self, seconds):
        bell = asyncio.get_running_loop().create_future()
        self._orders.put_nowait((seconds, bell))
        await bell


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    async with AlarmClock() as clock:
        while True:
            item = await q.get()
            for k in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if k < attempts:
                        stats["retried"] += 1
                        await clock.ring_after(delay * backoff ** (k - 1))
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
