"""The bundled service in a world of its own: sandboxes, random keys, free ports, defects to try."""
