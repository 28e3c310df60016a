"""E-mails: subject, sender, date and the text; attachments by name only."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from knowledge.cleaning import clean
from knowledge.parsing.archives import damaged
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.plain import decode
from knowledge.parsing.webpage import page_of, rendered


def parse_mail(content: bytes) -> Parsed:
    """An e-mail as a page: the subject is its title."""
    decode(content)  # a picture under this suffix is refused, not read as an empty e-mail
    try:
        message = message_from_bytes(content.removeprefix(BOM_UTF8).lstrip(), policy=policy.default)
        subject = _header(message, "subject")
        head = [f"{name}: {_header(message, name)}" for name in ("From", "To", "Date")]
        parts = [f"# {subject}" if subject else "", "\n".join(head), *_shown(message)]
        names = _attached(message)
    except (MessageError, LookupError, AttributeError, TypeError, ValueError) as error:
        raise damaged(error) from error
    if names:
        parts.append(f"Attachments: {', '.join(names)}")
    text = clean("\n\n".join(filter(None, parts)))
    return Parsed(text, title=subject, updated_at=_date(_header(message, "date")))


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _shown(part: EmailMessage) -> Iterator[str]:
    """The texts that a mail program shows, one below the other; of alternatives, the plain one."""
    if part.is_attachment() or part.get_filename():
        return
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        forms = sorted(_parts(part), key=lambda form: form.get_content_type() != "text/plain")
        texts = ("\n\n".join(_shown(form)) for form in forms)
        yield next((text for text in texts if text.strip()), "")
    elif part.get_content_maintype() == "multipart":
        for inner in _parts(part):
            yield from _shown(inner)
    elif kind == "text/html":
        page = page_of(str(part.get_content()))
        yield rendered(page.body) if page.body else ""
    elif kind == "text/plain":
        yield re.sub(r"(?m)^(?=#{1,6} )", " ", str(part.get_content()))


def _parts(part: EmailMessage) -> Iterator[EmailMessage]:
    return (inner for inner in part.iter_parts() if isinstance(inner, EmailMessage))


def _attached(message: EmailMessage) -> list[str]:
    """The names of all attachments; a forwarded e-mail without one is named by its subject."""
    names = []
    for part in message.walk():
        name = part.get_filename() or ""
        if part.get_content_type() == "message/rfc822" and not name:
            name = next((str(inner.get("subject", "")) for inner in _parts(part)), "")
        names.append(" ".join(name.split()))
    return list(filter(None, names))


def _date(text: str) -> str:
    try:
        return parsedate_to_datetime(text).isoformat() if text else ""
    except ValueError:
        return ""
