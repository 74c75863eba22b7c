# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; an enum says what an error is, a table what to do
# expect: Passed.
import asyncio
import enum
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

class Kind(enum.Enum):
    PASSING = enum.auto()
    FINAL = enum.auto()
    FOREIGN = enum.auto()

    @classmethod
    def of(cls, error):
        for classes, kind in TABLE:
            if isinstance(error, classes):
                return kind(error) if callable(kind) else kind
        return cls.FOREIGN


def by_status(error):
    return Kind.PASSING if error.status in {408, 429, 500, 502, 503, 504} else Kind.FINAL


TABLE = (
    (ServiceError, by_status),
    ((TimeoutError, ConnectionError), Kind.PASSING),
)


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    item = kind = None

    async def work():
        nonlocal kind
        kind = None
        try:
            await process_item(item)
        except BaseException as error:
            kind = Kind.of(error)
            if kind is Kind.FOREIGN:
                raise

    while True:
        item = await q.get()
        tries = 0
        await work()
        while kind is Kind.PASSING:
            tries += 1
            if tries == attempts:
                break
            stats["retried"] += 1
            base = delay * backoff ** (tries - 1)
            await asyncio.sleep(base + base * jitter * random.random())
            await work()
        key = {None: "consumed", Kind.FINAL: "rejected", Kind.PASSING: "failed"}[kind]
        stats[key] += 1
        q.task_done()
