# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; the loop calls back when a try has ended or a pause is over, and a future tells the consumer
# expect: Passed: nothing but callbacks between get and task_done.
import asyncio
import random


class TransientError(Exception):
    pass


class Course:
    """The course of one item, from its first try until it is settled."""

    def __init__(self, loop, attempt, stats, settings):
        self.loop, self.attempt, self.stats = loop, attempt, stats
        self.left, self.d, self.backoff, self.jitter, self.max_delay, deadline = settings
        self.end = None if deadline is None else loop.time() + deadline
        self.settled = loop.create_future()
        self.running = self.timer = None
        self.begin()

    def begin(self):
        self.left -= 1
        self.running = self.loop.create_task(self.attempt())
        self.running.add_done_callback(self.ended)

    def ended(self, task):
        if self.settled.done():
            return
        if task.cancelled():
            self.settled.cancel()
        elif task.exception() is None:
            self.settled.set_result("consumed")
        elif isinstance(task.exception(), TransientError):
            self.pause()
        else:
            self.settled.set_exception(task.exception())

    def pause(self):
        d, self.d = min(self.d, self.max_delay), min(self.d, self.max_delay) * self.backoff
        again = self.loop.time() + d + random.uniform(0, d * self.jitter)
        if not self.left or (self.end is not None and again > self.end):
            self.settled.set_result("failed")
            return
        self.stats["retried"] += 1
        self.timer = self.loop.call_at(again, self.begin)

    def stop(self):
        self.running.cancel()
        if self.timer is not None:
            self.timer.cancel()


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    loop = asyncio.get_running_loop()
    settings = attempts, delay, backoff, jitter, max_delay, deadline
    while True:
        item = await q.get()

        async def attempt(item=item):
            await process_item(item)

        course = Course(loop, attempt, stats, settings)
        try:
            stats[await course.settled] += 1
        finally:
            course.stop()
        q.task_done()
