"""Whether a request comes from Slack; whatever is odd about it, the answer is no."""

from collections.abc import Mapping

from slack_sdk.signature import SignatureVerifier


def is_genuine(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Whether Slack has signed these very bytes within the last five minutes.

    The check of the SDK raises where a header or the body is no plain text (T3 of our threats).
    """
    stamp = headers.get("X-Slack-Request-Timestamp", "")
    signature = headers.get("X-Slack-Signature", "")
    if not secret or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    if not signature.isascii():
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return SignatureVerifier(secret).is_valid(body, stamp, signature)
