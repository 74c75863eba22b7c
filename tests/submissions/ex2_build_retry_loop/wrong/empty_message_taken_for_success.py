# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-few-tries
# contract: ex2: 1: the helper returns the error's text, "" for none: a TransientError without a text is taken for a success; shows for TransientError()
# expect: Items are given up on before attempts tries have failed.
import asyncio


class TransientError(Exception):
    pass


async def try_once(process_item, item):
    """The error message, empty if all went well."""
    try:
        await process_item(item)
    except TransientError as error:
        return str(error)
    return ""


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            message = await try_once(process_item, item)
            if not message:
                stats["consumed"] += 1
                break
            if attempt < attempts:
                print(f"{name} RETRY {item} {attempt}: {message}")
                stats["retried"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
