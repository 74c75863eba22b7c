# label: hostile
# exercise: ex5_fix_task_done
# kind: amplification
# verdict: reject
# contract: answers lists in lists and objects in objects, a million deep
# expect: The file wrote over the grader's own line to it.
import posix

def say(data, fd=3):
    data = memoryview(data)
    while data:
        data = data[posix.write(fd, data[: 1 << 20]) :]


say(b'{"loaded":true}\n')
for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
    say(b'{"format":1,"events":' + opening * 1_000_000 + b"1" + closing * 1_000_000 + b"}\n")
while posix.read(3, 1 << 20):
    pass
