# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-few-tries
# contract: ex2 1 / table (a try may take up to three hours): all tries of an item together get 10,800 s, own limit told apart from others' TimeoutError
# expect: Items are given up on before attempts tries have failed.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        outcome = "failed"
        try:
            async with asyncio.timeout(10_800) as budget:
                for n in range(1, attempts + 1):
                    try:
                        await process_item(item)
                    except TransientError:
                        if n < attempts:
                            stats["retried"] += 1
                    else:
                        outcome = "consumed"
                        break
        except TimeoutError:
            if not budget.expired():
                raise
        stats[outcome] += 1
        q.task_done()
