# label: hostile
# exercise: ex2_build_retry_loop
# kind: slow
# verdict: reject
# contract: a thread works a little now and then, while the main one waits without end
# expect: Your file waits in real time and never goes on.
import select
import threading

def awake():
    while True:
        sum(range(400_000))
        select.select([], [], [], 1.5)


threading.Thread(target=awake, daemon=True).start()
threading.Lock().acquire(), threading.Event().wait()
