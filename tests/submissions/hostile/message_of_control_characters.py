# label: hostile
# exercise: ex2_build_retry_loop
# kind: message
# verdict: reject
# contract: an error and prints that clear the screen, ring, and turn the writing direction
# expect: Failed: your consumer raises an error.
TEXT = "\x1b[2J\x1b]0;passed\x07\r\x08\u202epassed\u2066\x00\x9b31m all 100 points \u2028"


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        print(TEXT)
        raise ValueError(TEXT)
        q.task_done()
