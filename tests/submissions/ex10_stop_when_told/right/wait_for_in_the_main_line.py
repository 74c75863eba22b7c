# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; asyncio.wait_for() around what is in hand; the whole is a coroutine for each of its three steps
# expect: Passed: first the work or the stop, then the work or the time, then the end of all.
import asyncio
import random


class TransientError(Exception):
    pass


class Ledger:
    def __init__(self):
        self.items, self.settled = [], []
        self.counts = {"consumed": 0, "retried": 0, "failed": 0}

    def take(self, item):
        self.items.append(item)
        self.settled.append(False)
        return len(self.items) - 1

    def settle(self, number, key):
        self.counts[key] += 1
        self.settled[number] = True

    def report(self):
        pairs = zip(self.items, self.settled)
        return self.counts | {"unfinished": [item for item, settled in pairs if not settled]}


async def work(q, process_item, ledger, attempts, waits):
    while True:
        number = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(ledger.items[number])
            except TransientError:
                if attempt == attempts:
                    ledger.settle(number, "failed")
                else:
                    ledger.counts["retried"] += 1
                    await asyncio.sleep(waits(attempt))
            else:
                ledger.settle(number, "consumed")
                break
        q.task_done()


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    ledger = Ledger()
    if stop.is_set():
        return ledger.report()
    q = asyncio.Queue(maxsize)

    def waits(attempt):
        return delay * backoff ** (attempt - 1) * random.uniform(1, 1 + jitter)

    async def feed():
        for item in items:
            await q.put(ledger.take(item))
        await q.join()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(work(q, process_item, ledger, attempts, waits)) for _ in range(consumers)]
        feeding, told = group.create_task(feed()), group.create_task(stop.wait())
        await asyncio.wait((feeding, told), return_when=asyncio.FIRST_COMPLETED)
        if not feeding.done():
            feeding.cancel()
            while q.qsize():
                q.get_nowait()
                q.task_done()
            try:
                await asyncio.wait_for(q.join(), grace)
            except TimeoutError:
                pass
        told.cancel()
        for one in crew:
            one.cancel()
    return ledger.report()
