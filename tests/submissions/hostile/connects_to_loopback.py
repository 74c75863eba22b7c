# label: hostile
# exercise: ex4_add_jitter
# kind: escape
# verdict: reject
# contract: tries to connect to services on this machine
# expect: Failed: your consumer does nothing with its items.
import socket

for port in (22, 80, 443, 2375, 5432, 6379, 8000, 8080):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.1) as s:
            print("connected", port, s.getsockname())
    except OSError:
        pass

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
