"""`tertulia learn`: what people said of answers becomes something better."""

import typer

from bot.learning_candidates import promote, rollback, status

HELP = """Learn from what people rated and corrected.

Example: tertulia learn status
"""
command = typer.Typer(no_args_is_help=True, help=HELP)
command.command("status")(status)
command.command("promote")(promote)
command.command("rollback")(rollback)
