# label: right
# exercise: ex16_ship_it
# contract: no queue; a class whose workers share the iterator, calls are tasks with a timer of their own
# expect: Passes.
import asyncio
import itertools
import random
import uuid


class TransientError(Exception):
    def __init__(self, *args, retry_after=0.0):
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    pass


FAILURES = (TransientError, TimeoutError, ConnectionError)
END = object()


class Try:
    """One call: a task that begins only if nobody was told to stop, and a timer that cancels it."""

    def __init__(self, begin, timeout):
        self.late = False
        self.task = asyncio.ensure_future(begin())
        self.timer = asyncio.get_running_loop().call_later(timeout, self.cut_off)

    def cut_off(self):
        self.late = not self.task.done()
        self.task.cancel()

    async def outcome(self):
        told = False
        while not self.task.done():
            try:
                await asyncio.wait({self.task})
            except asyncio.CancelledError:
                if not self.late and not told:
                    self.task.cancel()
                told = True
        self.timer.cancel()
        error = None if self.task.cancelled() else self.task.exception()
        if error is not None and not isinstance(error, (*FAILURES, PermanentError)):
            raise error
        if told:
            if error is None and not self.late and not self.task.cancelled():
                return None
            raise asyncio.CancelledError
        if self.late:
            return TimeoutError("no answer in time")
        return error


class Service:
    def __init__(self, items, call, stop, dead_letters, settings):
        self.source, self.call, self.stop, self.dead_letters = iter(items), call, stop, dead_letters
        self.set = settings
        self.tokens = settings["budget"]
        self.counts = dict.fromkeys(("consumed", "retried", "failed", "rejected"), 0)
        self.numbers, self.unsettled = itertools.count(), {}

    async def run(self):
        workers = [asyncio.create_task(self.work()) for _ in range(self.set["consumers"])]
        watcher = asyncio.create_task(self.watch(workers))
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for task in (watcher, *workers):
                if not task.cancelling():
                    task.cancel()
            ends = await asyncio.gather(watcher, *workers, return_exceptions=True)
        for error in ends:
            if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
                raise error
        return {**self.counts, "unfinished": list(self.unsettled.values())}

    async def watch(self, workers):
        await self.stop.wait()
        await asyncio.sleep(self.set["grace"])
        for task in workers:
            task.cancel()

    async def work(self):
        while not self.stop.is_set():
            item = next(self.source, END)
            if item is END:
                return
            number = next(self.numbers)
            self.unsettled[number] = item
            verdict = await self.settle(item)
            if verdict is None:
                return
            self.counts[verdict] += 1
            del self.unsettled[number]

    async def settle(self, item):
        key = uuid.uuid4().hex
        for k in itertools.count(1):

            async def begin(first=k == 1):
                if first and self.stop.is_set():
                    raise asyncio.CancelledError
                await self.call(item, key=key)

            this = Try(begin, self.set["timeout"])
            error = await this.outcome()
            if error is None:
                if this.task.cancelled():
                    return None
                self.tokens = min(self.set["budget"], self.tokens + self.set["refund"])
                return "consumed"
            if isinstance(error, PermanentError):
                await self.dead_letters.put((item, k, error))
                return "rejected"
            self.tokens = max(0.0, self.tokens - 1)
            if k >= self.set["attempts"] or self.tokens <= self.set["budget"] / 2:
                await self.dead_letters.put((item, k, error))
                return "failed"
            self.counts["retried"] += 1
            await asyncio.sleep(self.pause(k, error))

    def pause(self, k, error):
        try:
            p = min(self.set["max_delay"], self.set["delay"] * self.set["backoff"] ** (k - 1))
        except OverflowError:
            p = self.set["max_delay"]
        p = max(p, getattr(error, "retry_after", 0.0))
        return p * (1 + random.uniform(0, self.set["jitter"]))


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    settings = {
        "consumers": consumers, "attempts": attempts, "delay": delay, "backoff": backoff, "grace": grace,
        "jitter": jitter, "max_delay": max_delay, "timeout": timeout, "budget": budget, "refund": refund,
    }
    return await Service(items, call, stop, dead_letters, settings).run()
