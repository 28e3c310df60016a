"""`tertulia learn`: what people said of answers becomes something better."""

import typer

from bot.ablation_command import ablation
from bot.learning_candidates import promote, rollback, status
from bot.learning_commands import consent, examples
from bot.learning_run_command import run
from bot.shadow_command import shadow
from bot.triage_command import triage

HELP = """Learn from what people rated and corrected.

Example: tertulia learn status
"""
command = typer.Typer(no_args_is_help=True, help=HELP)
command.add_typer(examples, name="examples")
command.command("consent")(consent)
command.command("status")(status)
command.command("promote")(promote)
command.command("rollback")(rollback)
command.command("shadow")(shadow)
command.command("triage")(triage)
command.command("run")(run)
command.command("ablation")(ablation)
