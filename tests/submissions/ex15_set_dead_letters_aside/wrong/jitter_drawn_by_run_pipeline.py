# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: jitter-shared-by-all
# contract: 7: run_pipeline draws the random factor, once
# expect: All retries of a run had the same random part.
import asyncio
import random
from typing import Any


class TransientError(Exception):
    """may succeed the next time"""


class Run:
    def __init__(self, call: Any, letters: asyncio.Queue, consumers: int, maxsize: int, pauses: Any) -> None:
        self.call, self.letters, self.pauses = call, letters, pauses
        self.consumers, self.maxsize = consumers, maxsize
        self.counts = {"consumed": 0, "retried": 0, "failed": 0}
        self.waiting: list = []
        self.running: dict = {}
        self.error: BaseException | None = None
        self.bell: asyncio.Future | None = None

    def next_ones(self) -> None:
        for pair in list(self.waiting):
            if len(self.running) == self.consumers or self.error:
                break
            if pair[0] not in self.running.values():
                self.waiting = [one for one in self.waiting if one is not pair]
                task = asyncio.get_running_loop().create_task(self.settle(pair[1]))
                self.running[task] = pair[0]
                task.add_done_callback(self.ended)
        if self.bell and not self.bell.done():
            self.bell.set_result(None)

    def ended(self, task: asyncio.Task) -> None:
        del self.running[task]
        if not task.cancelled() and task.exception() is not None:
            self.error = self.error or task.exception()
        self.next_ones()

    async def until(self, condition: Any) -> None:
        while not condition() and self.error is None:
            self.bell = asyncio.get_running_loop().create_future()
            await self.bell
        if self.error:
            raise self.error

    async def settle(self, item: Any) -> None:
        for number, pause in enumerate(self.pauses(), 1):
            try:
                await self.call(item)
                self.counts["consumed"] += 1
                return
            except TransientError as error:
                if pause is None:
                    self.counts["failed"] += 1
                    await self.letters.put((item, number, error))
                    return
            self.counts["retried"] += 1
            await asyncio.sleep(pause)


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stretch = random.uniform(1, 1 + jitter)

    def pauses():
        for k in range(attempts - 1):
            yield delay * backoff ** k * stretch
        yield None

    run = Run(process_item, dead_letters, consumers, maxsize, pauses)
    try:
        for item in items:
            await run.until(lambda: len(run.waiting) < maxsize)
            run.waiting.append((key_of(item), item))
            run.next_ones()
        await run.until(lambda: not run.waiting and not run.running)
    finally:
        left = list(run.running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    return run.counts
