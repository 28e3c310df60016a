"""What stands in the body of a request becomes a draft of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.discord import limits
from tests.fakes.discord.errors import Json, RefusedError, invalid
from tests.fakes.discord.messages import EPHEMERAL
from tests.fakes.discord.posting import FREE_FLAGS, Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.messages import Attachment, Message

MOST_FILES = 10


def draft_of(form: Json, files: Mapping[str, Attachment]) -> Draft:
    """The draft; fields that are null are emptied."""
    draft = Draft(files=_files(form, files), allowed_mentions=form.get("allowed_mentions"))
    limits.check_allowed_mentions(draft.allowed_mentions or {})
    if "content" in form:
        draft.content = _text(form["content"])
    if "embeds" in form:
        draft.embeds = form["embeds"] or []
        limits.check_embeds(draft.embeds)
    if "components" in form:
        draft.components = form["components"] or []
    if form.get("flags") is not None:
        draft.flags = int(form["flags"]) & (FREE_FLAGS | EPHEMERAL)
    if form.get("attachments") is not None:
        draft.kept = {int(each["id"]) for each in form["attachments"]}
    draft.nonce = form.get("nonce")
    draft.is_nonce_enforced = bool(form.get("enforce_nonce")) and draft.nonce is not None
    return draft


def reference_of(form: Json, place: Channel) -> Message | None:
    """The message that is answered; one that is gone may be let go."""
    wanted = form.get("message_reference")
    if not wanted:
        return None
    found = place.messages.get(int(wanted["message_id"]))
    if found is None and wanted.get("fail_if_not_exists", True):
        raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
    return found


def _text(value: object) -> str:
    text = str(value) if isinstance(value, str | int | float) else ""
    limits.check_content(text)
    return text


def _files(form: Json, files: Mapping[str, Attachment]) -> list[Attachment]:
    if len(files) > MOST_FILES:
        raise invalid("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FILES} or fewer.")
    if sum(len(file.content) for file in files.values()) > limits.FILE_BYTES:
        raise RefusedError(40005)
    described = {str(each["id"]): each for each in form.get("attachments") or ()}
    for field, file in files.items():
        about = described.get(field.removeprefix("files[").removesuffix("]"), {})
        file.description = about.get("description")
    return list(files.values())
