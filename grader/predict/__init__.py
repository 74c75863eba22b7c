"""What a learner may predict of a run before seeing it: questions, each with one answer in the trace."""

from grader.predict.choice import is_small
from grader.predict.questions import NEVER, Question, questions

__all__ = ["NEVER", "Question", "is_small", "questions"]
