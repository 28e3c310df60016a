"""`tertulia slack manifest`: what to paste when an app is set up on Slack's pages."""

import json
from typing import Annotated

import typer

from bot import console
from bot.wording import LANGUAGES
from knowledge.errors import UsageError, suggestion

HELP = """What setting up Slack needs.

Example: tertulia slack manifest
"""
STEPS = """\
1. Open api.slack.com/apps, choose "Create New App", "From a manifest", your workspace, and paste
   what stands above (tab JSON).
2. "Install App": install it, and put the token that begins with xoxb- into SLACK_BOT_TOKEN."""
SOCKET = """\
3. "Basic Information", "App-Level Tokens": generate one with connections:write, and put the token
   that begins with xapp- into SLACK_APP_TOKEN."""
HTTP = """\
3. "Basic Information", "App Credentials": put the signing secret into SLACK_SIGNING_SECRET, and
   have {url} arrive at SLACK_HTTP_HOST:SLACK_HTTP_PORT."""
END = """\
4. PLATFORMS=slack, then: tertulia doctor, tertulia serve. Invite the app into a channel and mention
   it."""
command = typer.Typer(no_args_is_help=True, help=HELP)


class ManifestError(UsageError):
    """No app can be described like this."""


@command.callback()
def _only() -> None:
    """Keep `manifest` a command of its own, however few there are."""


@command.command("manifest")
def manifest(
    *,
    url: Annotated[
        str,
        typer.Option(help="Where Slack reaches us, https://...; without one we open a socket."),
    ] = "",
    name: Annotated[str, typer.Option(help="What the app is called.")] = "Tertulia",
    language: Annotated[str, typer.Option(help="Of the commands' descriptions: en, es.")] = "en",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON value on stdout, and no steps.")
    ] = False,
) -> None:
    """Print the manifest of the app, with the least rights that it needs; the steps go to stderr.

    Example: tertulia slack manifest --name Tertulia
    """
    from bot.platforms.slack.manifest import PATH, manifest_of

    if language not in LANGUAGES:
        raise ManifestError(
            f"'{language}' is not spoken here.", what_to_do=suggestion(language, LANGUAGES)
        )
    if url and not url.startswith("https://"):
        raise ManifestError(
            f"Slack sends nothing to '{url}'.", what_to_do=f"Right: https://bot.example.org{PATH}"
        )
    value = manifest_of(name=name, language=language, url=url)
    if as_json:
        console.show_json(value)
        return
    console.show(json.dumps(value, indent=2, ensure_ascii=False))
    how = HTTP.format(url=url) if url else SOCKET
    console.tell("\n".join((STEPS, how, END)))
