# label: hostile
# exercise: ex3_add_backoff
# kind: evidence
# verdict: reject
# contract: reads the requests and answers them itself, on every descriptor
# expect: The file wrote over the grader's own line to it.
import asyncio
import json
import os

TRACE = {"format": 1, "end": {"how": "quiet"}, "clock": 0.0, "tasks": ["lab"], "consumers": [1, 2], "events": [], "waits": [],
         "left": [], "unawaited": [], "seeds": [], "stats": {"consumed": 9, "retried": 0, "failed": 0}, "result": None,
         "deterministic": True}
LINES = ('{"loaded": true}\n' + (json.dumps(TRACE) + "\n") * 200).encode()

for fd in range(3, 32):
    try:
        os.write(fd, LINES)
    except OSError:
        pass

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        q.task_done()
