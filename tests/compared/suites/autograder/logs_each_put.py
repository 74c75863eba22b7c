"""Logs each put with the queue's size."""

import asyncio

from station import Station, sizes_are_true


def main():
    puts = asyncio.run(Station().run(student_submission.run_pipeline, maxsize=3)).puts
    holds = [item for item, _ in puts] == list(map(str, range(12)))
    holds = holds and sizes_are_true([size for _, size in puts], maxsize=3)
    if holds:
        PASS()
    else:
        FAIL()


main()
