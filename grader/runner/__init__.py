"""Runs submissions in processes of their own, and brings back traces."""

from grader.runner.hosts import ForkHost, Host, PlainHost, open_host
from grader.runner.learner import Learner, Stop, Submission

__all__ = ["ForkHost", "Host", "Learner", "PlainHost", "Stop", "Submission", "open_host"]
