# label: hostile
# exercise: ex2_build_retry_loop
# kind: message
# verdict: reject
# contract: writes a last word without end, where the stack of a stopped program belongs
# expect: Your file ended the process.
import posix

def say(data, fd=3):
    data = memoryview(data)
    while data:
        data = data[posix.write(fd, data[: 1 << 20]) :]


say(b"Fatal Python error: " + b"x" * (64 << 20), 4)
posix._exit(1)
