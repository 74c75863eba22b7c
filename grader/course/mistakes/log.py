"""The log line after each put."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "size-read-too-late",
        "The line shows the size that the queue has when the line is printed, some time after the put.",
        (
            "Who prints the line, and what may have happened between the put and the print?",
            "The size belongs to the put: the producer reads it before anybody else gets a turn.",
            "`q.qsize()` right behind `await q.put(item)`, in the same task, and the line with it.",
        ),
        "A gauge that is read late shows an idle queue where there was a full one.",
    ),
    KnownMistake(
        "size-read-too-early",
        "The size is read, or guessed, before the put.",
        (
            (
                "At which moment do you ask the queue for its size: before or after the item is "
                "in it?"
            ),
            "After each put a line shows the queue's true size at that moment.",
            "First `await q.put(item)`, then `q.qsize()` in the print.",
        ),
        "A log that is off by one sends you the wrong way in the night in which you need it.",
    ),
    KnownMistake(
        "size-not-from-the-queue",
        "The number printed is another one than the queue's size.",
        (
            "Which number do you print, and who changes it?",
            "The line shows the queue's true size: the queue itself knows it.",
            "Ask `q.qsize()` right after the put, instead of counting yourself.",
        ),
        (
            "A second count of the same thing drifts away from the first: then the log lies about"
            " the load."
        ),
    ),
    KnownMistake(
        "log-not-on-stdout",
        "The lines go to stderr.",
        (
            "Where do your lines arrive when you write `> log.txt` behind the command?",
            "The log lines go to stdout; logging writes to stderr unless it is told otherwise.",
            "`print(...)`, or a logging handler that was given sys.stdout.",
        ),
        (
            "Tools that collect logs read one stream. Lines on the other one are missing when "
            "they are needed."
        ),
    ),
    KnownMistake(
        "log-format",
        "The lines have another format.",
        (
            "Compare your line with the one in the assignment, character by character.",
            "`PROD <item> SZ <size>` and then what you like, the fields separated by one space.",
            '`print(f"PROD {item} SZ {...} {...:.3f}")`, with nothing before it.',
        ),
        "Logs are read by programs: a line in a format of its own is one that no dashboard shows.",
    ),
    KnownMistake(
        "log-lines-missing",
        "Some puts are not logged, or none.",
        (
            "Count the lines that begin with PROD, and the items.",
            "One line after each put.",
            (
                "Put the print right behind `await q.put(item)`, in the same loop, under no "
                "condition."
            ),
        ),
        "What is not logged cannot be seen: the depth of the queue is the first sign of overload.",
    ),
)
