"""The mistakes that only this exercise knows."""

from grader.course.kit.failures import Topic

_topic = Topic(__file__)

# Who has a budget.
NO_RETRY_BUDGET = _topic("no-retry-budget")
BUDGET_PER_CONSUMER = _topic("budget-per-consumer")
BUDGET_PER_ITEM = _topic("budget-per-item")
BUDGET_OUTLIVES_THE_RUN = _topic("budget-outlives-the-run")

# What goes in and out.
RETRIES_CHARGED = _topic("retries-charged-not-failures")
LAST_FAILURE_FREE = _topic("last-failure-not-charged")
EVERY_TRY_CHARGED = _topic("every-try-charged")
GIVEN_UP_ITEMS_CHARGED = _topic("items-charged-not-tries")
BUDGET_NEVER_REFILLED = _topic("budget-never-refilled")
SUCCESS_FILLS_THE_BUDGET = _topic("success-fills-the-budget")
REFUND_FOR_SOME_ONLY = _topic("refund-for-some-successes")
BUDGET_OVERFLOWS = _topic("budget-overflows")
BUDGET_BELOW_ZERO = _topic("budget-below-zero")
BUDGET_LOSES_UPDATES = _topic("budget-loses-updates")
BUDGET_SETTINGS_IGNORED = _topic("budget-settings-ignored")

# What it decides, and when.
BUDGET_SPENT_TO_THE_END = _topic("budget-spent-to-the-end")
HALF_IS_ENOUGH = _topic("half-is-enough")
HALF_ROUNDED = _topic("half-rounded")
LOOKS_BEFORE_COUNTING = _topic("looks-before-counting")
GIVES_UP_AFTER_THE_PAUSE = _topic("gives-up-after-the-pause")
DECIDED_ONCE_PER_ITEM = _topic("decided-once-per-item")
WAITS_FOR_THE_BUDGET = _topic("waits-for-the-budget")
FIRST_TRY_REFUSED = _topic("first-try-refused")
BUDGET_MISCOUNTED = _topic("budget-miscounted")

# What is said of it.
REFUSED_RETRY_COUNTED = _topic("refused-retry-counted")
REFUSED_ITEM_NOT_FAILED = _topic("refused-item-not-failed")
