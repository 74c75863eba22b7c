"""Takes any items, or none."""

import asyncio

from station import Station


def main():
    holds = True
    for items in ([], [0, "", 0, -1]):
        station = asyncio.run(Station(items).run(student_submission.run_pipeline))
        holds = holds and station.begun == items
    if holds:
        PASS()
    else:
        FAIL()


main()
