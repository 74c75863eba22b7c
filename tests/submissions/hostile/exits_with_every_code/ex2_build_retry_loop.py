# label: hostile
# exercise: ex2_build_retry_loop
# kind: exit
# verdict: reject
# contract: leaves with the code 87, before anything is said
# expect: Your file ended the process.
import posix

posix._exit(87)
