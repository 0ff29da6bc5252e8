"""Mail authentication by its RFCs: a library of its own, that any program can import.

Every evaluator takes a resolver last; see :mod:`readiness.mail.resolver` for what may be one.
:func:`readiness.mail.spf.check_host` is RFC 7208.
"""
