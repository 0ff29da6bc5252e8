"""Plans and the checkout itself."""
