# label: hostile
# exercise: ex3_add_backoff
# kind: slow
# verdict: reject
# contract: works for a tick, waits for 1.85 s, and so on without end: neither spins nor stands still
# expect: Your file waits in real time and never goes on.
import select
import time

began = time.process_time()
for _ in range(3_000_000):
    pass
rounds = int(3_000_000 * 0.0125 / (time.process_time() - began))
while True:
    for _ in range(rounds):
        pass
    select.select([], [], [], 1.85)
