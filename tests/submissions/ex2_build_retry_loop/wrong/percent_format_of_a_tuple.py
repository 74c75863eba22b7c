# label: wrong
# exercise: ex2_build_retry_loop
# misconception: raises-an-error-of-its-own
# contract: ex2: 2: logs with "..." % item: a tuple as item is taken for the arguments of the format, TypeError ends the consumer; shows for tuples whose length is not 1
# expect: The code raises an error that is none of the service's.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    print(name, "RETRY %s" % item, attempt)
            else:
                print(name, "OK %s" % item)
                stats["consumed"] += 1
                break
        else:
            print(name, "FAIL %s" % item)
            stats["failed"] += 1
        q.task_done()
