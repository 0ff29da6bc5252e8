"""The HTTP interface of the checkout service."""
