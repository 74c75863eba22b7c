# label: hostile
# exercise: ex5_fix_task_done
# kind: exit
# verdict: reject
# contract: leaves with the code 139, before anything is said
# expect: Your file ended the process.
import posix

posix._exit(139)
