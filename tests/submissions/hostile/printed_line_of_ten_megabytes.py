# label: hostile
# exercise: ex1_add_maxsize
# kind: message
# verdict: reject
# contract: prints a PROD line of ten megabytes, piece by piece
# expect: Your file prints far more than the exercise needs.
async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    for item in items:
        for _ in range(10_000):
            print("PROD" * 250, end="")
        print()
        print("PROD", item, "SZ 0 0.000")
