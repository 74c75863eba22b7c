# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; a deadline on the loop's clock for each try, all state in a dataclass
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random
from dataclasses import dataclass


class TransientError(RuntimeError):
    """Try again."""


@dataclass(frozen=True)
class Policy:
    timeout: float
    attempts: int
    delay: float
    backoff: float
    jitter: float

    def pauses(self):
        d = self.delay
        for _ in range(self.attempts - 1):
            yield random.uniform(d, d * (1 + self.jitter))
            d *= self.backoff
        yield None  # there is no other try


async def settle(item, process_item, stats, policy):
    loop = asyncio.get_running_loop()
    for pause in policy.pauses():
        try:
            async with asyncio.timeout_at(loop.time() + policy.timeout):
                await process_item(item)
        except TransientError:
            pass
        except TimeoutError:
            pass
        else:
            return "consumed"
        if pause is not None:
            stats["retried"] += 1
            await asyncio.sleep(pause)
    return "failed"


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    policy = Policy(timeout, attempts, delay, backoff, jitter)
    while True:
        item = await q.get()
        stats[await settle(item, process_item, stats, policy)] += 1
        q.task_done()
