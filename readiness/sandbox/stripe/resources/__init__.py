"""What the sandbox has: one module a resource, each with its ROUTES."""

from readiness.sandbox.stripe.resources import (
    accounts,
    customers,
    event_destinations,
    events,
    invoices,
    payment_intents,
    payment_methods,
    portal,
    prices,
    products,
    sessions,
    subscriptions,
    tax,
    webhook_endpoints,
)

ROUTES = (
    *accounts.ROUTES,
    *products.ROUTES,
    *prices.ROUTES,
    *customers.ROUTES,
    *sessions.ROUTES,
    *webhook_endpoints.ROUTES,
    *event_destinations.ROUTES,
    *events.ROUTES,
    *portal.ROUTES,
    *tax.ROUTES,
    *payment_methods.ROUTES,
    *payment_intents.ROUTES,
    *invoices.ROUTES,
    *subscriptions.ROUTES,
)
"""Every call that the sandbox answers."""
