"""Hints for failures that belong to no check: the module cannot be run to its end."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ADVICE"]

ADVICE: Mapping[str, tuple[str, ...]] = {
    "import": (
        "Python could not read the file to its end: start with the line that is named.",
        "Everything at the top level of the file runs when it is imported, line after line.",
        (
            "Run the file itself, `python exercises/...`: it has to start without an error. Only the "
            "standard library is there to be imported."
        ),
    ),
    "signature": (
        "Compare the first line of your function with the one in the assignment.",
        "The names of functions and parameters are fixed, since others call them by these names.",
        "It is an `async def` without `yield`, with the parameters just as the assignment has them.",
    ),
    "exit": (
        "Which line ends the whole program, and for whom?",
        "A function that others call must return or raise; ending the program is not its to decide.",
        "Take the call of exit() out; let the consumer be cancelled, and the pipeline return.",
    ),
    "busy_loop": (
        "What does the named loop wait for, and who could bring it about meanwhile?",
        "In asyncio one task runs at a time: a loop without an await lets nobody else run.",
        (
            "Await something in each round that really waits: `await q.get()`, `await q.put(item)`, "
            "`await asyncio.sleep(seconds)`."
        ),
    ),
    "livelock": (
        "The named line is passed again and again: what has to change before it can stop?",
        "Asking again and again is polling; awaiting the thing itself wakes you when it is there.",
        "Await the queue: get() waits for an item, put() for room, join() for the end of all work.",
    ),
    "timeout": (
        "Which line waits, and for something that comes from where?",
        "A call that waits in real time (input, select, a socket, a thread) stops the event loop.",
        "Use asyncio's own: await what you wait for, and nothing from outside of the program.",
    ),
    "memory": (
        "Which collection grows in each round, and when does it get smaller again?",
        "What is kept for every item has no bound: that is what a bounded queue is for.",
        "Keep one item at a time; let nothing grow in a loop that does not end.",
    ),
    "output": (
        "Which line prints in each round, and how often does that round come?",
        "A loop that never waits and never ends prints without end.",
        (
            "Find out why the loop does not stop; the log lines are one per put, success, retry and "
            "failure."
        ),
    ),
}
