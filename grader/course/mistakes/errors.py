"""Errors that are not transient, and cancellation."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "impossible-record",
        "The record of the run contradicts itself.",
        (
            "Which lines of your file reach for the event loop, for private attributes or for frames?",
            "Time passes by awaiting, tries are made by calling the service, marks by task_done().",
            "Take out what touches `asyncio.get_running_loop()`, names with an underscore, `vars()`.",
        ),
        "A metric that is written down instead of measured hides the outage that it was made for.",
    ),
    KnownMistake(
        "raises-an-error-of-its-own",
        "The code raises an error that is none of the service's.",
        (
            "Which line raised it, and what did its variables hold just then?",
            "Such an error ends the task in which it is raised: what comes after it never happens.",
            "Read the named line, and put `print(repr(...))` of its variables in front of it.",
        ),
        "In production it is the rare path, seldom run before, that raises: try each of them once.",
    ),
    KnownMistake(
        "waits-for-what-never-comes",
        "A task waits for something that nobody brings about.",
        (
            "Which line waits, and which other line would have to wake it?",
            "Each wait needs somebody who ends it, on every path: a release for each acquire.",
            "`async with lock:` gives it back on every path; `finally` does it for anything else.",
        ),
        "Nothing fails and nothing moves: a standstill is found last, by those who wait for the work.",
    ),
    KnownMistake(
        "retries-other-errors",
        "Errors that are not transient are retried.",
        (
            "Which exceptions does your except clause catch?",
            (
                "Only TransientError is retried: a ValueError will fail again, however often it "
                "is tried."
            ),
            "`except TransientError:`, and nothing broader around the try.",
        ),
        (
            "Retrying what will fail again costs time and load, and hides a bug behind what looks"
            " like a weak network."
        ),
    ),
    KnownMistake(
        "swallows-other-errors",
        "The consumer goes on as if nothing had happened after an error that is not transient.",
        (
            "Who gets to know of a ValueError that your consumer meets?",
            "Any other exception leaves the consumer at once: it is neither retried nor counted.",
            "No `except Exception`; only `except TransientError:`.",
        ),
        "A bug that is swallowed runs for months: the items are gone, and the log is clean.",
    ),
    KnownMistake(
        "swallows-cancellation",
        "CancelledError is swallowed, counted or retried.",
        (
            "What does your consumer do with a CancelledError, while it works, waits or is idle?",
            (
                "Cancelling is how others stop the consumer: it leaves at once, and is seen as "
                "cancelled."
            ),
            "No bare except, no BaseException; what catches it, to clean up, ends with `raise`.",
        ),
        (
            "A program that cannot be stopped is killed: at every new version, in the middle of "
            "its work."
        ),
    ),
    KnownMistake(
        "cancellation-replaced",
        "A cancelled consumer ends with another error.",
        (
            "With which exception does your consumer end when it is cancelled?",
            (
                "CancelledError leaves the consumer as it is: so whoever cancelled it knows that "
                "it worked."
            ),
            (
                "Look at what runs in `finally` and `except` then: end with a bare `raise`, and "
                "let nothing else raise there."
            ),
        ),
        "Every orderly stop looks like a crash, and a TaskGroup reports it as one.",
        follows_from=("task-done-per-try", "task-done-twice", "task-done-without-item"),
    ),
    KnownMistake(
        "cancelled-error-escapes",
        "The CancelledError of the consumers ends the pipeline.",
        (
            "What does awaiting a task raise that was cancelled?",
            (
                "run_pipeline returns when all is finished: the end of its consumers stays its "
                "own affair."
            ),
            (
                "`gather(..., return_exceptions=True)` after `cancel()`, or a TaskGroup, which "
                "expects it."
            ),
        ),
        (
            "Whoever awaits the pipeline takes a finished run for one that was broken off, and "
            "does it again."
        ),
    ),
    KnownMistake(
        "error-held-back",
        "An error that is not transient leaves the consumer only after a wait.",
        (
            "What happens between the error and the end of the consumer?",
            "Any other exception leaves the consumer at once.",
            "`except TransientError:` in front of the wait, so that nothing else comes to it.",
        ),
        (
            "What will not be retried need not wait: the others go on working for a run that has "
            "failed."
        ),
        follows_from=("sleeps-after-success", "sleeps-after-last-failure"),
    ),
    KnownMistake(
        "error-hidden",
        "run_pipeline returns as if nothing had happened, although a consumer died of an error.",
        (
            (
                "What becomes of an error in a consumer? Who awaits that task, and looks at what "
                "it gives?"
            ),
            "An error that is not transient surfaces from run_pipeline, bare or in a group.",
            (
                "A TaskGroup around consumers, puts and `join()`; or look at the results of "
                "`gather()` and raise what is an error."
            ),
        ),
        "The run counts as a success, and items are missing: nobody will look for them.",
    ),
    KnownMistake(
        "error-wrapped",
        "An error surfaces as another type.",
        (
            "Which exception does the caller see, and which was raised?",
            "The error surfaces bare, or in an ExceptionGroup, not as another type.",
            "Let it pass, or use a bare `raise`.",
        ),
        'Callers decide by the type what to do: a wrapped one ends up with "unknown error".',
    ),
    KnownMistake(
        "error-hangs-pipeline",
        "The pipeline hangs when consumers die of an error.",
        (
            (
                "Who notices that a consumer has died, while the producer waits in `put()` or "
                "`join()`?"
            ),
            (
                "An error in a task is seen only by whoever awaits the task: it must surface, and"
                " never be a hang."
            ),
            (
                "A TaskGroup around consumers, puts and `join()`; or wait for `join()` and the "
                "consumers at once, with FIRST_COMPLETED."
            ),
        ),
        (
            "A job that hangs reports nothing: it is found in the morning, without a single line "
            "in the log."
        ),
    ),
    KnownMistake(
        "debugger-left-in",
        "A call of the debugger was left in.",
        (
            "Which line of yours stops the program, so that somebody can look around in it?",
            (
                "`breakpoint()` waits for somebody at the keyboard. While a file is graded nobody is "
                "there: run the file itself, `python exercises/...py`, to step through it."
            ),
            "Delete the line with `breakpoint()`, or put a `print(...)` in its place.",
        ),
        (
            "A forgotten breakpoint stops a service in production just as it stopped yours: many "
            "teams let a linter refuse it."
        ),
    ),
)
