"""The names by which Slack tells what people press; they stand in the app's manifest."""

COMMANDS = {
    "ask": ("command-ask", "command-ask-hint"),
    "sources": ("command-sources", "command-sources-hint"),
    "persona": ("command-persona", "command-persona-hint"),
    "learn": ("command-learn", "command-learn-hint"),
    "refresh": ("command-refresh", "command-refresh-hint"),
    "help": ("command-help", "command-help-hint"),
}
"""Commands, and the sentences that describe them."""
ASK_ABOUT, SUMMARISE = "tertulia_ask_about", "tertulia_summarise"
"""Shortcuts in the menu of a message."""
PATH = "/slack/events"
"""Where Slack's requests arrive."""
INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"
"""Where browsers begin to install the app, and where Slack sends them afterwards."""
