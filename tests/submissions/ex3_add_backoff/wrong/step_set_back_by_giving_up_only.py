# label: wrong
# exercise: ex3_add_backoff
# misconception: delay-carried-to-next-item
# contract: ex3: the step is an attribute of the consumer that a success does not set back
# expect: Only giving up sets the step back: an item that follows a rescued one starts with its long wait. Start again at delay for each item.
import asyncio


class TransientError(Exception):
    pass


class Backoff:
    def __init__(self, delay, factor):
        self.delay, self.factor, self.step = delay, factor, 0

    async def sleep(self):
        self.step += 1
        await asyncio.sleep(self.delay * self.factor ** (self.step - 1))


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    pauses = Backoff(delay, backoff)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await pauses.sleep()
                else:
                    pauses.step = 0
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
