# label: right
# exercise: ex16_ship_it
# contract: the budget is what may still fail: spent, in place of left; dead letters are put by the consumer loop
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


class Ledger:
    """What was spent of the budget."""

    def __init__(self, size, refund):
        self.size, self.refund, self.spent = size, refund, 0.0

    def __iadd__(self, failures):
        self.spent = min(self.size, self.spent + failures)
        return self

    def back(self):
        self.spent = max(0.0, self.spent - self.refund)

    def __bool__(self):
        return self.spent < self.size / 2


def windows(delay, backoff, most):
    while True:
        yield min(delay, most)
        delay = min(most, delay * backoff)


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    ledger = Ledger(budget, refund)
    kept = {}
    n = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    queue = asyncio.Queue(maxsize)
    serial = iter(range(10**9))

    async def story(item):
        nonlocal ledger
        key, steps = str(uuid.uuid4()), windows(delay, backoff, max_delay)
        for tries in range(1, attempts + 1):
            try:
                async with asyncio.timeout(timeout):
                    await call(item, key=key)
            except (PermanentError, TransientError, TimeoutError, ConnectionError) as caught:
                error = caught
            else:
                ledger.back()
                return "consumed", None
            if isinstance(error, PermanentError):
                return "rejected", (item, tries, error)
            ledger += 1
            if tries == attempts or not ledger:
                break
            n["retried"] += 1
            least = max(next(steps), getattr(error, "retry_after", 0))
            await asyncio.sleep(random.triangular(least, least) + random.random() * least * jitter)
        return "failed", (item, tries, error)

    async def clerk():
        while True:
            number = await queue.get()
            how, letter = await story(kept[number])
            if letter:
                await dead_letters.put(letter)
            n[how] += 1
            kept.pop(number)
            queue.task_done()

    async def feed():
        for item in items:
            number = next(serial)
            kept[number] = item
            await queue.put(number)
        await queue.join()


    if stop.is_set():
        return {**n, "unfinished": []}
    tasks = [asyncio.ensure_future(clerk()) for _ in range(consumers)]
    feeding = asyncio.ensure_future(feed())
    bell = asyncio.ensure_future(stop.wait())
    everybody = [*tasks, feeding, bell]
    try:
        done, _ = await asyncio.wait(everybody, return_when=asyncio.FIRST_COMPLETED)
        if bell in done and feeding not in done and not any(task in done for task in tasks):
            feeding.cancel()
            await asyncio.wait({feeding})
            while not queue.empty():
                queue.get_nowait()
                queue.task_done()
            rest = asyncio.ensure_future(queue.join())
            everybody.append(rest)
            await asyncio.wait({rest, *tasks}, timeout=grace, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in everybody:
            task.cancel()
        ended = await asyncio.gather(*everybody, return_exceptions=True)
    for end in ended:
        if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
            raise end
    return {**n, "unfinished": list(kept.values())}
