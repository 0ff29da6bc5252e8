"""What each command does; readiness/cli.py says how it is called."""
