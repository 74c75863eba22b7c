# label: right
# exercise: ex16_ship_it
# contract: no queue and no consumers: a task per item, and two semaphores
# expect: Passes.
import asyncio
import random
import uuid


class TransientError(Exception):
    def __init__(self, *args, retry_after=0.0):
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    pass


class Outcome:
    def __init__(self, budget, refund):
        self.size = self.left = budget
        self.refund = refund
        self.count = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}

    def good(self):
        self.count["consumed"] += 1
        self.left = min(self.size, self.left + self.refund)

    def bad(self):
        self.left = max(0, self.left - 1)
        return self.left <= self.size / 2


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    outcome = Outcome(budget, refund)
    room = asyncio.Semaphore(maxsize + consumers)
    hands = asyncio.Semaphore(consumers)
    unsettled = {}
    begun = set()

    async def tries(item, key):
        tried = 0
        while True:
            tried += 1
            try:
                async with asyncio.timeout(timeout):
                    await call(item, key=key)
                return outcome.good()
            except PermanentError as error:
                return ("rejected", tried, error)
            except (TransientError, ConnectionError, TimeoutError) as error:
                enough = outcome.bad()
                if enough or tried >= attempts:
                    return ("failed", tried, error)
                wish = error.retry_after if isinstance(error, TransientError) else 0
            outcome.count["retried"] += 1
            pause = max(min(delay * backoff ** (tried - 1), max_delay), wish)
            await asyncio.sleep(random.uniform(pause, pause * (1 + jitter)))

    async def settle(number, item):
        async with hands:
            if stop.is_set():
                return
            begun.add(number)
            end = await tries(item, uuid.uuid4().hex)
            if end is not None:
                await dead_letters.put((item, *end[1:]))
                outcome.count[end[0]] += 1
        del unsettled[number]
        room.release()

    async def spread(group, tasks):
        for number, item in enumerate(items):
            unsettled[number] = item
            tasks[number] = group.create_task(settle(number, item))
            await room.acquire()
        while live := [task for task in tasks.values() if not task.done()]:
            await asyncio.wait(live)

    tasks = {}
    if not stop.is_set():
        async with asyncio.TaskGroup() as group:
            spreading = group.create_task(spread(group, tasks))
            told = group.create_task(stop.wait())
            await asyncio.wait({spreading, told}, return_when=asyncio.FIRST_COMPLETED)
            spreading.cancel()
            told.cancel()
            for number, task in tasks.items():
                if number not in begun:
                    task.cancel()
            live = [task for number, task in tasks.items() if number in begun and not task.done()]
            if live:
                await asyncio.wait(live, timeout=grace)
            for task in live:
                task.cancel()
    return outcome.count | {"unfinished": list(unsettled.values())}
