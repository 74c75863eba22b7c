# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; consumer takes **options, with the defaults in a dataclass
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio
from dataclasses import dataclass


class TransientError(Exception):
    pass


@dataclass(frozen=True, kw_only=True)
class Patience:
    attempts: int = 4
    delay: float = 0.03
    backoff: float = 2.0

    def __call__(self, failures):
        """Seconds to wait after so many failures, None for: give up."""
        if failures == self.attempts:
            return None
        return self.delay * pow(self.backoff, failures - 1)


def consumer(name, q, process_item, stats, **options):
    return serve(q, process_item, stats, Patience(**options))


async def serve(q, process_item, stats, patience):
    while True:
        item = await q.get()
        failures = 0
        try:
            while True:
                try:
                    await process_item(item)
                except TransientError:
                    failures += 1
                else:
                    stats["consumed"] += 1
                    break
                if (pause := patience(failures)) is None:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                await asyncio.sleep(pause)
        finally:
            q.task_done()
