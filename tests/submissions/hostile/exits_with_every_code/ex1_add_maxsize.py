# label: hostile
# exercise: ex1_add_maxsize
# kind: exit
# verdict: reject
# contract: leaves with the code 86, before anything is said
# expect: Your file ended the process.
import posix

posix._exit(86)
