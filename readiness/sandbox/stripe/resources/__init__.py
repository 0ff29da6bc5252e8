"""What the sandbox has: one module a resource, each with its ROUTES."""

from readiness.sandbox.stripe.resources import accounts, customers, prices, products, sessions

ROUTES = (*accounts.ROUTES, *products.ROUTES, *prices.ROUTES, *customers.ROUTES, *sessions.ROUTES)
"""Every call that the sandbox answers."""
