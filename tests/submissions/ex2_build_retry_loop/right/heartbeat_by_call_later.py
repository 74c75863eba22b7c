# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; ex2: a heartbeat each 90 s by call_later, the consumer waits in get without a limit
# expect: Passed.
import asyncio


class TransientError(Exception):
    pass


class Heart:
    def __init__(self, every, note):
        self.loop, self.every, self.note = asyncio.get_running_loop(), every, note
        self.handle = self.loop.call_later(every, self.beat)

    def beat(self):
        print(self.note, "alive")
        self.handle = self.loop.call_later(self.every, self.beat)

    def stop(self):
        self.handle.cancel()


async def consumer(name, q, process_item, stats, *, attempts=4):
    heart = Heart(90, name)
    try:
        while True:
            item = await q.get()
            for n in range(attempts, 0, -1):
                try:
                    await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    stats["failed" if n == 1 else "retried"] += 1
            q.task_done()
    finally:
        heart.stop()
