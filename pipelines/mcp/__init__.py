"""Tools that servers offer over MCP, the Model Context Protocol: see docs/mcp.md.

A server is a stranger: it says what its tools are called, what they do and what they want. None of
that reaches the model before an admin has read and approved it, word for word.
"""
