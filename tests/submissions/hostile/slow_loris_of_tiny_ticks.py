# label: hostile
# exercise: ex4_add_jitter
# kind: slow
# verdict: reject
# contract: waits for a millisecond at a time, without end
# expect: Your file waits in real time and never goes on.
import select

while True:
    select.select([], [], [], 0.001)
    sum(range(100))
