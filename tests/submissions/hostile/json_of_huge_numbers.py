# label: hostile
# exercise: ex4_add_jitter
# kind: amplification
# verdict: reject
# contract: answers numbers of a million digits, infinities, and exponents beyond any float
# expect: The file wrote over the grader's own line to it.
import posix

def say(data, fd=3):
    data = memoryview(data)
    while data:
        data = data[posix.write(fd, data[: 1 << 20]) :]


say(b'{"loaded":true}\n')
for number in (b"9" * 1_000_000, b"1e999999", b"-1e999999", b"NaN", b"Infinity", b"0." + b"1" * 5_000_000, b"1e308", b"9" * 4_300):
    say(b'{"format":1,"end":{"how":"quiet"},"clock":' + number + b',"tasks":["lab"],"consumers":[' + number
        + b'],"events":[[' + number + b",0,\"timer\",null," + number + b']],"stats":{"consumed":' + number + b"}}\n")
while posix.read(3, 1 << 20):
    pass
