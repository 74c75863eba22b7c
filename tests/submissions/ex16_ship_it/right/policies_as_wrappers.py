# label: right
# exercise: ex16_ship_it
# contract: each policy is a function that wraps the call: limit, charge, repeat, settle
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


class GivenUp(Exception):
    def __init__(self, name, tries, error):
        super().__init__(name)
        self.name, self.tries, self.error = name, tries, error


FAILURES = TransientError, TimeoutError, ConnectionError


def limited(call, timeout):
    async def made(item, key):
        return await asyncio.wait_for(call(item, key=key), timeout)

    return made


def charged(call, purse, budget, refund):
    async def made(item, key):
        try:
            answer = await call(item, key)
        except FAILURES:
            purse[0] = max(0.0, purse[0] - 1.0)
            raise
        purse[0] = min(budget, purse[0] + refund)
        return answer

    return made


def repeated(call, attempts, allowed, pause, retried):
    async def made(item):
        key = str(uuid.uuid4())
        tries = 0
        while True:
            tries += 1
            try:
                return await call(item, key)
            except PermanentError as error:
                raise GivenUp("rejected", tries, error) from None
            except FAILURES as error:
                if tries == attempts or not allowed():
                    raise GivenUp("failed", tries, error) from None
                seconds = pause(tries, error)
            retried()
            await asyncio.sleep(seconds)

    return made


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    counts = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0, "unfinished": []}
    purse = [budget]

    def pause(tries, error):
        least = min(max_delay, delay * backoff ** (tries - 1))
        wish = error.retry_after if isinstance(error, TransientError) else 0.0
        return max(least + random.uniform(0, least * jitter), wish)

    def retried():
        counts["retried"] += 1

    once = charged(limited(call, timeout), purse, budget, refund)
    whole = repeated(once, attempts, lambda: purse[0] > budget / 2, pause, retried)
    q = asyncio.Queue(maxsize)
    held, busy = [], set()
    if stop.is_set():
        return counts

    async def consumer():
        while True:
            ticket = await q.get()
            if stop.is_set():
                q.task_done()
                continue
            try:
                await whole(ticket[0])
            except GivenUp as end:
                await dead_letters.put((ticket[0], end.tries, end.error))
                counts[end.name] += 1
            else:
                counts["consumed"] += 1
            held.remove(ticket)
            q.task_done()

    async def producer():
        for item in items:
            ticket = Ticket((item,))
            held.append(ticket)
            await q.put(ticket)

    async def until_told(group):
        work = group.create_task(producer())
        told = group.create_task(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        work.cancel()
        joined = group.create_task(q.join())
        await asyncio.wait({joined, told}, return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            while not q.empty():
                q.get_nowait()
                q.task_done()
            await asyncio.wait({joined}, timeout=grace)
        told.cancel()
        joined.cancel()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        await until_told(group)
        for task in crew:
            task.cancel()
    counts["unfinished"] = [ticket[0] for ticket in held]
    return counts


class Ticket(tuple):
    """One item; equal to itself alone."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__
