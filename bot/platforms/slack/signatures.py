"""Whether a request comes from Slack; whatever is odd about it, the answer is no."""

from multidict import MultiMapping
from slack_sdk.signature import SignatureVerifier


def is_genuine(body: bytes, headers: MultiMapping[str], secret: str) -> bool:
    """Whether Slack has signed these very bytes within the last five minutes.

    The check of the SDK raises where a header or the body is no plain text (T3 of our threats).
    """
    stamp = _only(headers, "X-Slack-Request-Timestamp")
    signature = _only(headers, "X-Slack-Signature")
    if not (secret and body) or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    if not signature.isascii():
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return SignatureVerifier(secret).is_valid(body, stamp, signature)


def _only(headers: MultiMapping[str], name: str) -> str:
    """A header that is there once; empty where it is missing, or another one contradicts it."""
    found = headers.getall(name, [])
    return found[0] if len(found) == 1 else ""
