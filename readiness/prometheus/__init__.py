"""What services say of themselves to Prometheus: the text format, read strictly."""
