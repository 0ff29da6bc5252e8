"""A verdict and its renderers: one file a format."""
