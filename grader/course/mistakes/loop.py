"""The event loop, and what is awaited on it."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "blocks-the-loop",
        "A blocking call or a loop without await stops the whole event loop.",
        (
            "What do all the other tasks do while that line runs?",
            (
                "In asyncio one task runs at a time: while one waits, the others go on only if it"
                " waits by awaiting."
            ),
            (
                "`await asyncio.sleep(...)` for `time.sleep()`, asyncio.Queue for queue.Queue; "
                "and an await that really waits in every loop."
            ),
        ),
        "One blocking call stops every request of the process, and its health checks with them.",
    ),
    KnownMistake(
        "coroutine-never-awaited",
        "A coroutine is made and never awaited: it never runs.",
        (
            "What does calling an `async def` function do, and what does it not do?",
            "Calling an async function only makes a coroutine; await runs it.",
            "Write `await` in front of the call in the named line.",
        ),
        "The work is not done, and the only trace is a warning at the end of the program.",
    ),
    KnownMistake(
        "coroutine-reused",
        "One coroutine is awaited for several tries.",
        (
            "How many times is process_item called, and how many times awaited?",
            "A coroutine runs only once: each try needs a new one.",
            "Call `process_item(item)` inside the loop, in the line of the await.",
        ),
        (
            "The first retry ends the consumer with a RuntimeError, and it shows only when "
            "something fails."
        ),
    ),
)
