"""What Stripe tells the service."""
