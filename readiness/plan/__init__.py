"""Checklist to steps: names become typed checks, variables become values, every mistake surfaces here.

Nothing is contacted and no file of the root is read. What is settled before running (an item that
does not concern this environment, that was filtered out, that only a person can decide) is settled
here, with its reason.
"""

from readiness.plan.model import Plan, Selection, Settled, Step
from readiness.plan.planner import plan

__all__ = ["Plan", "Selection", "Settled", "Step", "plan"]
