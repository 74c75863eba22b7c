# label: hostile
# exercise: ex5_fix_task_done
# kind: amplification
# verdict: reject
# contract: answers an object with two million keys that collide and repeat
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
say(b'{"format":1,"stats":{' + b",".join(b'"%d":%d' % (n % 1_000_003, n) for n in range(2_000_000)) + b"}}\n")
while posix.read(3, 1 << 20):
    pass
