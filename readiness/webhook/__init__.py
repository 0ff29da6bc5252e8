"""Stripe's webhooks as the endpoint that receives them meets them: genuine events, forgeries, and what answers mean.

Everything here is a library of the check kinds ``webhook.*``: it signs as Stripe does
(https://docs.stripe.com/webhooks/signature), sends through the world's one door to HTTP, and finds
the likely cause in the pattern of the answers. The signing secret is never sent: what leaves is an
HMAC-SHA256, which tells nothing of its key (RFC 2104, section 6).
"""
