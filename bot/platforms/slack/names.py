"""The names by which Slack tells what people press; they stand in the app's manifest."""

NAMES = ("ask", "sources", "persona", "refresh", "help")
"""Commands."""
ASK_ABOUT, SUMMARISE = "tertulia_ask_about", "tertulia_summarise"
"""Shortcuts in the menu of a message."""
PATH = "/slack/events"
"""Where Slack's requests arrive."""
