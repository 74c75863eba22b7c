# label: hostile
# exercise: ex3_add_backoff
# kind: message
# verdict: reject
# contract: answers in the lab's place that it could not be imported, with an error class of 8 MB
# expect: The file wrote over the grader's own line to it.
import posix

def say(data, fd=3):
    data = memoryview(data)
    while data:
        data = data[posix.write(fd, data[: 1 << 20]) :]


say(b'{"loaded":false,"how":"import","error":{"type":"' + b"A" * (8 << 20) + b'","text":"","lines":[]}}\n')
posix._exit(0)
