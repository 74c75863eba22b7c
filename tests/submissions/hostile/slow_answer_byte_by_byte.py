# label: hostile
# exercise: ex5_fix_task_done
# kind: slow
# verdict: reject
# contract: answers in the lab's place, a byte every half second
# expect: The file wrote over the grader's own line to it.
import posix
import select

for byte in b'{"loaded":true}\n' * 1_000:
    posix.write(3, bytes([byte]))
    select.select([], [], [], 0.5)
