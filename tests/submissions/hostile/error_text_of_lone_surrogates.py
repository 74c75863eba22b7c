# label: hostile
# exercise: ex3_add_backoff
# kind: message
# verdict: reject
# contract: raises an error whose text and class cannot be encoded
# expect: Failed: your consumer raises an error.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        raise type("E\ud800", (Exception,), {})("\ud800\udfff \x00 \uffff")
        q.task_done()
