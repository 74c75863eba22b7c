# label: hostile
# exercise: ex2_build_retry_loop
# kind: exhaustion
# verdict: reject
# contract: prints a line of a megabyte, again and again
# expect: Your file prints far more than the exercise needs.
class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        print("x" * 1_000_000)
