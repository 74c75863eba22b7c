# label: hostile
# exercise: ex4_add_jitter
# kind: amplification
# verdict: reject
# contract: answers traces of three million events, each a list of small lists
# expect: The file wrote over the grader's own line to it.
import posix
import select
import threading
import time

def say(data, fd=3):
    data = memoryview(data)
    while data:
        data = data[posix.write(fd, data[: 1 << 20]) :]


def awake():
    """Work a little, so that waiting for the grader is no standstill."""
    while True:
        until = time.process_time() + 0.012
        while time.process_time() < until:
            pass
        select.select([], [], [], 0.7)


threading.Thread(target=awake, daemon=True).start()

say(b'{"loaded":true}\n')
for _ in range(3):
    say(b'{"format":1,"end":{"how":"quiet"},"events":[' + b"[[],[]]," * 3_000_000 + b"[]]}\n")
while posix.read(3, 1 << 20):
    pass
