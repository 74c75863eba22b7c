# label: hostile
# exercise: ex3_add_backoff
# kind: threads
# verdict: reject
# contract: starts up to 5,000 threads of small stacks, and holds them for 20 s
# expect: Cannot be imported: RuntimeError.
import _thread
import select
import time

_thread.stack_size(32_768)
started, free = 0, _thread.allocate_lock()
free.acquire()
try:
    while started < 5_000:
        _thread.start_new_thread(free.acquire, ())
        started += 1
except RuntimeError:
    pass
for _ in range(20):
    until = time.process_time() + 0.02
    while time.process_time() < until:
        pass
    select.select([], [], [], 1)
raise RuntimeError(f"{started} threads")
