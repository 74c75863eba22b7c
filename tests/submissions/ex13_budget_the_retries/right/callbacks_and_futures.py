# label: right
# exercise: ex13_budget_the_retries
# contract: keeps every point; each try is a task whose callback keeps the books
# expect: Passed.
import asyncio
import random


class TransientError(Exception):
    pass


class Books:
    def __init__(self, budget, refund):
        self.budget, self.refund, self.left = budget, refund, budget

    def write(self, answer, task):
        if answer.done():
            return
        if task.cancelled():
            answer.cancel()
        elif task.exception() is None:
            self.left = min(self.budget, self.left + self.refund)
            answer.set_result("ok")
        elif isinstance(task.exception(), TransientError):
            self.left = max(0, self.left - 1)
            answer.set_result("again" if self.left > self.budget / 2 else "no more")
        else:
            answer.set_exception(task.exception())

    async def call(self, process_item, item):
        answer = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(process_item(item))
        task.add_done_callback(lambda done: self.write(answer, done))
        try:
            return await answer
        finally:
            task.cancel()


async def run_pipeline(items, process_item, *, budget=10.0, refund=0.1, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    books, q = Books(budget, refund), asyncio.Queue(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            for k in range(1, attempts + 1):
                match await books.call(process_item, item):
                    case "ok":
                        stats["consumed"] += 1
                        break
                    case "again" if k < attempts:
                        stats["retried"] += 1
                        d = delay * backoff ** (k - 1)
                        await asyncio.sleep(d + random.uniform(0, d * jitter))
                    case _:
                        stats["failed"] += 1
                        break
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for one in crew:
            one.cancel()
    return stats
