# label: right
# exercise: ex4_add_jitter
# contract: keeps every point; 32 fresh random bits are xored with a checksum of the name, which leaves them as random as they were; a context manager catches the failed try
# expect: Passed.
import asyncio
import random
import zlib


class TransientError(Exception):
    pass


class Try:
    """Ends well, or takes the TransientError and remembers it; lets everything else through."""

    failed = False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.failed = isinstance(error, TransientError)
        return self.failed


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    mask = zlib.crc32(repr(name).encode(errors="replace"))

    def pause(k):
        d = delay * backoff ** (k - 1)
        return d + d * jitter * ((random.getrandbits(32) ^ mask) / 2**32)

    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            with Try() as attempt:
                await process_item(item)
            if not attempt.failed:
                stats["consumed"] += 1
                break
            if k < attempts:
                stats["retried"] += 1
                await asyncio.sleep(pause(k))
        else:
            stats["failed"] += 1
        q.task_done()
