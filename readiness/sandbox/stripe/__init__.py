"""A local Stripe: test and live mode of one account, driven by the official SDKs.

`sandbox.StripeSandbox` is what others use. Behind it, each in one place: `server` (HTTP), `api` (one
call from key to answer), `routes` and `resources` (what calls there are), `params` and `form` (what
they take), `store` (what there is), `expand`, `paging`, `idempotency`, `keys`, `errors`, `faults`.
A new resource is a module of `resources` with its ROUTES, its blank in objects.json, its calls in
params.json, and its line in `expand.LINKS`.

Known differences from Stripe: taxes and discounts are always nothing; parameters of a checkout
session about custom fields, discounts, invoices, shipping, optional items and recovery are checked and
then ignored; the subscription, invoice and payment of a paid session are ids of nothing; objects that
a refused call made on its way (an inline product) stay; answers have one shape, whatever Stripe-Version
asks for; connected accounts, search, deletion and API v2 are not there.
"""

from readiness.sandbox.stripe.api import ApiRequest
from readiness.sandbox.stripe.faults import Hangup
from readiness.sandbox.stripe.sandbox import StripeSandbox

__all__ = ["ApiRequest", "Hangup", "StripeSandbox"]
