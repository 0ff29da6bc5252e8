"""A local Stripe: test and live mode of one account, driven by the official SDKs.

`sandbox.StripeSandbox` is what others use. Behind it, each in one place: `server` (HTTP), `api` (one
call from key to answer), `routes` and `resources` (what calls there are), `params` and `form` (what
they take), `store` (what there is), `expand`, `paging`, `idempotency`, `keys`, `errors`, `faults`.
A new resource is a module of `resources` with its ROUTES, its blank in objects.json, its calls in
params.json, and its line in `expand.LINKS`.

Calls, 72 of them (`resources.ROUTES`), below ``/v1``: account, balance, products, prices, customers and
their payment_methods, payment_methods (attach), payment_intents (confirm, capture, cancel), charges,
setup_intents, subscriptions, invoices (finalize, pay, void), invoiceitems, checkout/sessions (expire,
line_items), payment_pages (confirm), events, webhook_endpoints, billing_portal/configurations and
sessions, tax/settings and registrations; below ``/v2``: core/event_destinations (enable, disable).

Known differences from Stripe:

- Every parameter that Stripe has is taken and its type checked, but not each does something: of a
  checkout session custom fields, discounts, invoices, shipping, optional items and recovery do not; of
  a subscription proration, billing anchors and thresholds, pauses and schedules do not.
- Taxes, discounts, fees and refunds are nothing. A change of price or quantity takes effect with the next
  invoice, without proration; an update changes a subscription's items and adds none.
- Payments are made by the published test cards and one US bank account. Money stays pending in the
  balance; a charge names a balance transaction that cannot be read.
- Time makes things due when a call or `StripeSandbox.advance` comes, and events of that moment bear its
  time. A subscription's failed payment is tried again after 3, 5 and 7 days, then the subscription is canceled.
  A renewal's invoice is finalized at once, not an hour later.
- Lists inside an object (an invoice's lines, a subscription's items) are whole.
- Objects that a refused call made on its way (an inline product) stay.
- Answers have the shape of one API version, whatever Stripe-Version asks for.
- Connected accounts, search, quotes, credit notes, disputes, refunds and test clocks are not there.
"""

from readiness.sandbox.stripe.api import ApiRequest
from readiness.sandbox.stripe.faults import Hangup
from readiness.sandbox.stripe.sandbox import StripeSandbox

__all__ = ["ApiRequest", "Hangup", "StripeSandbox"]
