"""Ways to choose tools."""
