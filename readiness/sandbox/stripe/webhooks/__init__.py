"""How events reach webhook endpoints: signed, filtered, shaped, retried, logged.

`signing` signs, `shapes` renders an event for an API version, `targets` says who wants it,
`schedule` when it is tried again, `lane` waits, `transport` sends, `deliveries` puts it together.

Known differences from Stripe: one endpoint gets one delivery at a time, in order, unless told otherwise; thin
events of event destinations are not sent; nothing leaves this machine.
"""

from readiness.sandbox.stripe.webhooks.deliveries import Webhooks
from readiness.sandbox.stripe.webhooks.log import Delivery

__all__ = ["Delivery", "Webhooks"]
