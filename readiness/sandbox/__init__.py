"""A local outside world on 127.0.0.1: Stripe's API and name servers, for tests and for the demo.

Nothing here is contacted unless it is started, and nothing here contacts anything. Each part is a
context manager that listens on a free loopback port and leaves no thread behind::

    from readiness.sandbox.stripe import StripeSandbox
    from readiness.sandbox.dns import DnsSandbox
"""
