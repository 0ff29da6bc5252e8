"""What the tests of the demo share."""

from tests.postgres import postgres

__all__ = ["postgres"]
