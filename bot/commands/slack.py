"""`tertulia slack manifest`: what to paste when an app is set up on Slack's pages."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from bot import console
from bot.settings import Settings
from bot.wording import LANGUAGES
from knowledge.errors import UsageError, suggestion

if TYPE_CHECKING:
    from bot.platform_settings import SlackSettings

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
SEVERAL = """\
1. Open api.slack.com/apps, choose "Create New App", "From a manifest", your workspace, and paste
   what stands above (tab JSON). To an app that is there already it goes under "App Manifest".
2. "Basic Information", "App Credentials": put the client ID into SLACK_CLIENT_ID and the client
   secret into SLACK_CLIENT_SECRET; leave SLACK_BOT_TOKEN empty. "Manage Distribution": activate it.
   SLACK_TEAMS names the workspaces that may install the app ({teams}); each of them opens
   {install}"""
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

    With SLACK_TEAMS and SLACK_PUBLIC_URL set it is one that several workspaces install.

    Example: tertulia slack manifest --name Tertulia
    """
    from bot.platforms.slack.manifest import PATH, manifest_of
    from bot.platforms.slack.names import REDIRECT_PATH

    if language not in LANGUAGES:
        raise ManifestError(
            f"'{language}' is not spoken here.", what_to_do=suggestion(language, LANGUAGES)
        )
    if url and not url.startswith("https://"):
        raise ManifestError(
            f"Slack sends nothing to '{url}'.", what_to_do=f"Right: https://bot.example.org{PATH}"
        )
    slack = Settings().slack
    public = _public(slack, url.removesuffix(PATH)) if slack.is_installable else ""
    redirect_url = f"{public}{REDIRECT_PATH}" if public else ""
    value = manifest_of(name=name, language=language, url=url, redirect_url=redirect_url)
    if as_json:
        console.show_json(value)
        return
    console.show(json.dumps(value, indent=2, ensure_ascii=False))
    console.tell(_steps(slack, url, public))


def _public(slack: "SlackSettings", url: str) -> str:
    """Where browsers reach us."""
    public = slack.slack_public_url or url
    if not public.startswith("https://"):
        raise ManifestError(
            "Slack wants to know where browsers come back to after an installation, over https.",
            what_to_do="Set SLACK_PUBLIC_URL, such as https://bot.example.org",
        )
    return public


def _steps(slack: "SlackSettings", url: str, public: str) -> str:
    """What to do with the manifest."""
    from bot.platforms.slack.names import INSTALL_PATH

    teams = ", ".join(slack.slack_teams) or "none yet"
    several = SEVERAL.format(teams=teams, install=f"{public}{INSTALL_PATH}")
    how = HTTP.format(url=url) if url else SOCKET
    return "\n".join((several if public else STEPS, how, END))
