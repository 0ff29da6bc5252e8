"""What the official SDK's types say of an answer."""
