"""E-mails: subject, sender, date and the text; attachments by name only."""

import re
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
        message = message_from_bytes(content, policy=policy.default)
        subject = _header(message, "subject")
        head = [f"{name}: {_header(message, name)}" for name in ("From", "To", "Date")]
        parts = [f"# {subject}" if subject else "", "\n".join(head), _body(message)]
        names = [part.get_filename() or "" for part in message.iter_attachments()]
    except (MessageError, LookupError, AttributeError, TypeError, ValueError) as error:
        raise damaged(error) from error
    if any(names):
        parts.append(f"Attachments: {', '.join(filter(None, names))}")
    text = clean("\n\n".join(filter(None, parts)))
    return Parsed(text, title=subject, updated_at=_date(_header(message, "date")))


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _body(message: EmailMessage) -> str:
    """The plain text where there is one, else what the HTML shows."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    content = str(part.get_content())
    if part.get_content_subtype() == "html":
        page = page_of(content)
        return rendered(page.body) if page.body else ""
    return re.sub(r"(?m)^(?=#{1,6} )", " ", content)


def _date(text: str) -> str:
    try:
        return parsedate_to_datetime(text).isoformat() if text else ""
    except ValueError:
        return ""
