# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: jitter-once-per-key
# contract: 7: a random factor is drawn for each key, and kept
# expect: All retries of a key had the same random part.
import asyncio
import random
from collections import deque


class TransientError(Exception):
    """may succeed the next time"""


class Pipeline:
    def __init__(self, process_item, dead_letters, consumers, maxsize, retry):
        self.process_item, self.dead_letters, self.retry = process_item, dead_letters, retry
        self.hands = asyncio.Semaphore(consumers)
        self.room = asyncio.Semaphore(consumers + maxsize)
        self.rows = {}
        self.pace = {}
        self.stats = {"consumed": 0, "retried": 0, "failed": 0}

    async def run(self, items, key_of):
        async with asyncio.TaskGroup() as group:
            for item in items:
                await self.room.acquire()
                key = key_of(item)
                if key in self.rows:
                    self.rows[key].append(item)
                else:
                    self.rows[key] = deque([item])
                    group.create_task(self.work_through(key))
        return self.stats

    async def work_through(self, key):
        row = self.rows[key]
        while row:
            async with self.hands:
                await self.settle(row[0], self.pace.setdefault(key, random.random()))
            row.popleft()
            self.room.release()
        del self.rows[key]

    async def settle(self, item, share):
        attempts, delay, backoff, jitter = self.retry
        for n in range(attempts):
            if n:
                d = delay * backoff ** (n - 1)
                self.stats["retried"] += 1
                await asyncio.sleep(d + d * jitter * share)
            try:
                await self.process_item(item)
            except TransientError as e:
                last = e
            else:
                self.stats["consumed"] += 1
                return
        self.stats["failed"] += 1
        await self.dead_letters.put((item, attempts, last))


async def run_pipeline(items, key_of, process_item, dead_letters, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    retry = attempts, delay, backoff, jitter
    return await Pipeline(process_item, dead_letters, consumers, maxsize, retry).run(items, key_of)
