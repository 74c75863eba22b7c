# label: right
# exercise: ex16_ship_it
# contract: futures tell every wait of the stop and the end of the grace; no consumer is cancelled; a debt
# expect: Passes.
import asyncio
import random
import uuid
from contextlib import suppress


class TransientError(Exception):
    def __init__(self, *args, retry_after=0.0):
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    pass


class LetGo(Exception):
    pass


FAILURES = (TransientError, TimeoutError, ConnectionError)
END = object()


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    loop = asyncio.get_running_loop()
    halt, over = loop.create_future(), loop.create_future()
    counts = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    q = asyncio.Queue(maxsize)
    taken, settled = [], set()
    debt = 0.0

    async def in_time(task, within=None):
        try:
            await asyncio.wait({task, over}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
            return task.done()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def buy(item, key, first):
        if first and stop.is_set():
            raise LetGo
        await call(item, key=key)

    async def attempt(item, key, first):
        if over.done():
            raise LetGo
        task = asyncio.create_task(buy(item, key, first))
        if await in_time(task, timeout):
            error = task.exception()
        elif over.done():
            raise LetGo
        else:
            error = TimeoutError("no answer in time")
        if error is not None and not isinstance(error, (*FAILURES, PermanentError)):
            raise error
        return error

    async def rest(k, error):
        try:
            p = min(max_delay, delay * backoff ** (k - 1))
        except OverflowError:
            p = max_delay
        p = max(p, getattr(error, "retry_after", 0.0))
        due = loop.time() + p + random.random() * p * jitter
        await asyncio.wait({halt}, timeout=due - loop.time())
        if halt.done() and due > halt.result():
            raise LetGo
        if halt.done() and due > loop.time():
            await asyncio.sleep(due - loop.time())

    async def settle(number, item):
        nonlocal debt
        key, k = f"{uuid.uuid4()}/{number}", 1
        while (error := await attempt(item, key, k == 1)) is not None:
            if isinstance(error, PermanentError):
                break
            debt = min(budget, debt + 1)
            if k == attempts or debt >= budget / 2:
                break
            await rest(k, error)
            counts["retried"] += 1
            k += 1
        if error is None:
            debt = max(0.0, debt - refund)
            verdict = "consumed"
        else:
            verdict = "rejected" if isinstance(error, PermanentError) else "failed"
            put = asyncio.create_task(dead_letters.put((item, k, error)))
            if not await in_time(put):
                raise LetGo
        counts[verdict] += 1
        settled.add(number)

    async def consumer():
        while (entry := await q.get()) is not END:
            if not stop.is_set():
                with suppress(LetGo):
                    await settle(*entry)

    async def producer():
        source = iter(items)
        while not stop.is_set() and (item := next(source, END)) is not END:
            taken.append(item)
            await q.put((len(taken) - 1, item))
        for _ in range(consumers):
            await q.put(END)

    async def watch():
        await stop.wait()
        halt.set_result(loop.time() + grace)
        await asyncio.sleep(grace)
        over.set_result(None)

    watcher = asyncio.create_task(watch())
    staff = [asyncio.create_task(one) for one in (producer(), *(consumer() for _ in range(consumers)))]
    try:
        await asyncio.wait(staff, return_when=asyncio.FIRST_EXCEPTION)
        for task in staff:
            if task.done():
                task.result()
    finally:
        for task in (watcher, *staff):
            task.cancel()
        await asyncio.wait({watcher, *staff})
    return {**counts, "unfinished": [item for n, item in enumerate(taken) if n not in settled]}
