"""`tertulia ask`: one question, one answer."""

import asyncio
from dataclasses import replace
from typing import Annotated

import typer

from bot import console
from bot.principals import asker
from bot.settings import Settings


def command(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    *,
    as_user: Annotated[
        str | None, typer.Option("--as", help="Who asks, such as terminal:ana. [default: you]")
    ] = None,
    conversation: Annotated[
        str | None, typer.Option("--in", help="A conversation to go on with.")
    ] = None,
    persona: Annotated[str, typer.Option(help="Who answers.")] = "helpdesk",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Answer one question from the team's knowledge, with numbered sources.

    Example: tertulia ask "How many days of leave do I have?" --json
    """
    asyncio.run(_ask(question, asker(as_user), conversation, persona, as_json=as_json))


async def _ask(
    question: str, author: str, conversation: str | None, persona: str, *, as_json: bool
) -> None:
    from bot import receipts
    from bot.app import App
    from bot.pictures import put_away
    from bot.receipts_text import sources_text
    from bot.replying import check, to_confirm
    from bot.wording import say

    check(question)
    settings = Settings()
    async with App(settings) as app:
        talk = await app.talk(author, persona, conversation)
        reply = await talk.reply(question)
    if reply.error:
        raise reply.error
    files = await put_away(reply.answer, settings.home.pictures) if reply.answer else []
    if reply.answer and as_json:
        console.show_json(receipts.answer_value(replace(reply.answer, text=reply.whole), files))
    elif reply.answer:
        console.show(f"{reply.whole}\n{sources_text(reply.answer)}".rstrip())
        for file in files:
            console.show(say("picture-kept", reply.language, path=str(file)))
        if to_confirm(reply):
            console.tell(say("act-in-chat", reply.language))
