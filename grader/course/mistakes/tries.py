"""The retry loop: how often an item is tried, and when."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "ignores-attempts",
        "The number of tries is a constant.",
        (
            "Where does the number of tries come from?",
            "The parameter `attempts` says how many times an item may be tried in all.",
            "Find the number in your loop or your comparison, and write `attempts` there.",
        ),
        (
            "How often to try depends on the service: more for an external one, less for the one "
            "next door."
        ),
    ),
    KnownMistake(
        "one-try-too-many",
        "One try too many is made before an item is given up on.",
        (
            "Count the tries of one item that never succeeds: how many are there in all?",
            "The first try counts: 4 attempts are one try and at most three retries.",
            (
                "Raise your counter before you compare it, or compare with >=: give up when "
                "`tried == attempts`."
            ),
        ),
        "One more try for every item that fails is most load exactly when the service is down.",
    ),
    KnownMistake(
        "one-try-too-few",
        "One try too few is made before an item is given up on.",
        (
            (
                "Count the tries of one item that never succeeds, with attempts=1 too: how many "
                "are there in all?"
            ),
            (
                "`attempts` is how often an item may be tried in all, the first and the last try "
                "included."
            ),
            (
                "`range(attempts)` or `range(1, attempts + 1)`; a counter gives up after the "
                "failed try number `attempts`, not before."
            ),
        ),
        (
            "The last try is often the one that succeeds. With attempts=1 nothing would be tried "
            "at all."
        ),
    ),
    KnownMistake(
        "too-many-tries",
        "Items are tried more often than attempts says.",
        (
            "Count the tries of one item that never succeeds: which lines call the service?",
            "`attempts` counts all tries, wherever they are made.",
            (
                "One `for attempt in range(attempts):` and one call of process_item in it, none "
                "before or around it."
            ),
        ),
        (
            "Retries multiply: a loop around a loop turns 4 attempts into 16, on a service that "
            "is down already."
        ),
    ),
    KnownMistake(
        "too-few-tries",
        "Items are given up on before attempts tries have failed.",
        (
            "Count the tries of one item that never succeeds, for several values of attempts.",
            "An item is tried until it succeeds, or until `attempts` tries have failed.",
            (
                "`range(attempts)` goes round exactly that often: look at its ends, or at what "
                "else leaves the loop."
            ),
        ),
        "Every retry that is missing is an item lost to a failure that would have passed.",
    ),
    KnownMistake(
        "no-retry",
        "An item whose first try fails is never tried again.",
        (
            "What happens to an item after its first failure?",
            (
                "A TransientError is followed by another try of the same item, up to `attempts` "
                "in all."
            ),
            "`for attempt in range(attempts):` around the try, left only after a success.",
        ),
        (
            "At 1 % failures a million items lose ten thousand; with three retries it is one in a"
            " hundred million."
        ),
    ),
    KnownMistake(
        "never-gives-up",
        "An item that always fails is tried for ever.",
        (
            "What ends the tries of an item that never succeeds?",
            (
                "After `attempts` failed tries an item is given up on: it is counted, and the "
                "consumer takes the next."
            ),
            (
                "Count the tries of the item, and in `except TransientError` leave the loop when "
                "they are `attempts`."
            ),
        ),
        (
            "One item that will never succeed holds a consumer for ever; as many as there are "
            "consumers stop everything."
        ),
    ),
    KnownMistake(
        "tried-after-success",
        "An item is tried again although it has succeeded.",
        (
            "Where does your loop go on after a try that did not raise?",
            "An item is tried until it succeeds: a success settles it.",
            "`else:` behind the except, with the count and a break.",
        ),
        "A payment that went through is paid a second time.",
    ),
    KnownMistake(
        "result-taken-for-success",
        "Success is judged by what the call returns.",
        (
            "What does process_item return when all is well?",
            "A try has failed when it raises; whatever it returns, it has succeeded.",
            (
                "try / `except TransientError:` / `else:`. What stands in the `else` branch has "
                "succeeded."
            ),
        ),
        (
            "A call that returns nothing is tried again and again, although every one of its "
            "tries took effect."
        ),
    ),
    KnownMistake(
        "tries-run-at-once",
        "Several tries of one item run at the same time.",
        (
            "Does your code wait for the outcome of a try before it begins the next?",
            "An item is tried again only after a try of it has failed.",
            (
                "`await process_item(item)` inside the loop, one at a time; no `gather()` over "
                "the tries."
            ),
        ),
        "Trying everything at once multiplies the load on the service, and the effect with it.",
    ),
    KnownMistake(
        "tries-carried-to-next-item",
        "The tries of earlier items count for later ones.",
        (
            "What value has your counter when the second item begins?",
            "Each item has `attempts` tries of its own.",
            (
                "Set the counter anew for each item, right after `get()`, and never change "
                "`attempts` itself."
            ),
        ),
        (
            "After a few failures every further item gets fewer chances: the service seems to get"
            " worse by itself."
        ),
    ),
    KnownMistake(
        "tries-shared-by-consumers",
        "All consumers count their tries in one variable.",
        (
            "Who else changes your counter while this consumer awaits something?",
            "Each item has tries of its own, and each consumer counts its own.",
            "`tried = 0` behind `get()`, in a local variable: nothing `global`, no attribute.",
        ),
        (
            "Shared counters are right with one worker and wrong with two: it is never seen on "
            "the laptop."
        ),
    ),
    KnownMistake(
        "item-put-back",
        "An item that failed goes back into the queue.",
        (
            "Where is an item between two of its tries, and who can take it?",
            (
                "Retries stay with the consumer that holds the item: it is not put back into the "
                "queue."
            ),
            (
                "Take `q.put()` out of the consumer: the loop over the tries goes round with the "
                "same item."
            ),
        ),
        (
            "When the queue is full and every consumer wants to put back, all of them wait for "
            "each other for ever."
        ),
    ),
    KnownMistake(
        "own-timeout-added",
        "Work is cut off after a time that nobody asked for.",
        (
            "Which line ends a try before the service has answered?",
            "A try ends when process_item returns or raises; it may take as long as it needs.",
            "`await process_item(item)` as it is: no `wait_for()` and no `timeout()` around it.",
        ),
        (
            "A limit that nobody chose turns slow successes into failures, mostly when the "
            "service is under load."
        ),
    ),
    KnownMistake(
        "subclass-not-retried",
        "Subclasses of TransientError are not retried.",
        (
            "How do you compare the type of an error?",
            "TransientError and its subclasses are the errors that are retried.",
            "`except TransientError`, or `isinstance()`; not `type(error)` ==.",
        ),
        (
            "Libraries raise finer errors with every version: a ServiceBusy is still a failure "
            "that passes."
        ),
    ),
)
