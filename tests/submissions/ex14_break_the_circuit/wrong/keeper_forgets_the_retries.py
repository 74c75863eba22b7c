# label: wrong
# exercise: ex14_break_the_circuit
# misconception: tries-while-open
# contract: ex14 point 2: retries go past the keeper of the circuit
# expect: Retries begin while the circuit is open: each try asks for its permit.
import asyncio
import random


class TransientError(Exception):
    pass


class Keeper:
    """Knows who wants to try, and what became of tries: one message after the other."""

    def __init__(self, threshold, cooldown):
        self.threshold, self.cooldown = threshold, cooldown
        self.box = asyncio.Queue()

    async def permit(self):
        answer = asyncio.get_running_loop().create_future()
        self.box.put_nowait(("want", answer, None))
        return await answer

    def tell(self, permit, good):
        self.box.put_nowait(("told", permit, good))

    async def run(self):
        state, row, number, probe, waiting = "closed", 0, 0, None, []
        while True:
            what, who, good = await self.box.get()
            opens = closes = False
            if what == "want":
                waiting.append(who)
            elif what == "over":
                state = "ready"
            elif state == "probing" and who == probe:
                opens, closes = not good, good
            elif state == "closed":
                row = 0 if good else row + 1
                opens = row >= self.threshold
            if opens:
                state, row = "open", 0
                loop = asyncio.get_running_loop()
                loop.call_later(self.cooldown, self.box.put_nowait, ("over", None, None))
            if closes:
                state, row = "closed", 0
            while waiting and state in ("closed", "ready"):
                answer = waiting.pop(0)
                if answer.done():
                    continue
                number += 1
                if state == "ready":
                    state, probe = "probing", number
                answer.set_result(number)


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    keeper = Keeper(threshold, cooldown)

    async def consume():
        while True:
            item = await q.get()
            for attempt in range(1, attempts + 1):
                if attempt == 1:
                    permit = await keeper.permit()
                try:
                    await process_item(item)
                except TransientError:
                    keeper.tell(permit, False)
                    if attempt < attempts:
                        stats["retried"] += 1
                        d = delay * backoff ** (attempt - 1)
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                else:
                    keeper.tell(permit, True)
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(keeper.run()), *(group.create_task(consume()) for _ in range(consumers))]
        for item in items:
            await q.put(item)
        await q.join()
        for task in tasks:
            task.cancel()
    return stats
