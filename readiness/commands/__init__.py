"""What each command does; readiness/cli/ says how it is called."""
