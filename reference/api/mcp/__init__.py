"""Access to the MCP server by token."""
