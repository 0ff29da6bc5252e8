"""What an account at Stripe has, as a go-live check needs it: prices, listeners, tax, purchases, the SDK.

The kinds ``stripe.*`` ask these questions; the answers come from the world's client, once a run.
"""
