# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; an object is called in the place of a function, and a watchdog task cancels the call
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


class Consumer:
    def __call__(self, name, q, process_item, stats, **options):
        return self.run(q, process_item, stats, **options)

    async def run(self, q, process_item, stats, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
        while True:
            item = await q.get()
            key = await self.settle(process_item, item, stats, timeout, attempts, delay, backoff, jitter)
            stats[key] += 1
            q.task_done()

    async def settle(self, process_item, item, stats, timeout, left, delay, backoff, jitter):
        if await self.succeeds(process_item, item, timeout):
            return "consumed"
        if left == 1:
            return "failed"
        stats["retried"] += 1
        await asyncio.sleep(delay + random.random() * delay * jitter)
        return await self.settle(process_item, item, stats, timeout, left - 1, delay * backoff, backoff, jitter)

    async def succeeds(self, process_item, item, timeout):
        call = asyncio.create_task(process_item(item))
        bitten = []

        async def watchdog():
            await asyncio.sleep(timeout)
            bitten.append(call.cancel())

        dog = asyncio.create_task(watchdog())
        try:
            await asyncio.wait({call})
        except asyncio.CancelledError:
            call.cancel()
            raise
        finally:
            dog.cancel()
        if call.cancelled() and bitten:
            return False
        try:
            call.result()
        except (TransientError, TimeoutError):
            return False
        return True


consumer = Consumer()
