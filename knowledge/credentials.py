"""Passwords, keys and tokens in a text, by the shapes that they have."""

import re
from itertools import pairwise

_WORD = r"(?<![A-Za-z0-9_])"
_END = r"(?![A-Za-z0-9])"
_KEY_NAMES = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|auth|private|secret|account)[_ -]?key"
    r"|(?:api|access|auth|refresh|bot|bearer)[_ -]?token|token|credentials?"
    r"|contraseña|contrasena|clave|ficha)"
)
_VALUE = r"[A-Za-z0-9!#$%&*+,./:;=?@^_~-]"
FORMATS = {
    "slack token": _WORD + r"xox[a-z]-[A-Za-z0-9-]{20,}",
    "slack app token": _WORD + r"xapp-\d-[A-Za-z0-9-]{20,}",
    "slack webhook": r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9_/-]{20,}",
    "discord token": _WORD + r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}",
    "discord webhook": r"https://(?:\w+\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/[\w-]{40,}",
    "aws key id": _WORD + r"(?:AKIA|ASIA|AIDA|AROA)[A-Z0-9]{16}" + _END,
    "github token": _WORD + r"gh[pousr]_[A-Za-z0-9]{36,}",
    "github fine-grained token": _WORD + r"github_pat_[A-Za-z0-9_]{50,}",
    "gitlab token": _WORD + r"gl(?:pat|dt|rt|ptt|cbt|soat)-[A-Za-z0-9_.-]{20,}",
    "openai or anthropic key": _WORD + r"sk-(?=[\w-]{0,30}\d)[A-Za-z0-9_-]{32,}",
    "stripe key": _WORD + r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}",
    "stripe webhook": _WORD + r"whsec_[A-Za-z0-9+/=]{24,}",
    "google key": _WORD + r"AIza[A-Za-z0-9_-]{35}" + _END,
    "google oauth": _WORD + r"(?:ya29\.[\w-]{30,}|GOCSPX-[\w-]{28})",
    "huggingface token": _WORD + r"hf_[A-Za-z0-9]{30,}",
    "npm token": _WORD + r"npm_[A-Za-z0-9]{36}" + _END,
    "pypi token": _WORD + r"pypi-AgE[A-Za-z0-9_-]{50,}",
    "sendgrid key": _WORD + r"SG\.[\w-]{20,}\.[\w-]{40,}",
    "telegram token": _WORD + r"\d{8,10}:AA[A-Za-z0-9_-]{33}" + _END,
    "json web token": _WORD + r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{10,}",
    "private key": r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:[A-Za-z0-9+/=\s:,>|-]*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?",
    "password in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@<>\"'`|]*:"
    r"(?!//|[${[]|(?i:password|passwd|pass|secret|contraseña|clave)@)[^\s/@<>\"'`|]{3,}"
    r"@[^\s<>\"'`|)]+",
    "authorization": r"(?i:\bbearer|\bbasic)[ \t]+(?=[^\s]*[0-9])[A-Za-z0-9._~+/-]{20,}=*",
}
"""Shapes that nothing else has: what has one of them is a secret, whatever stands around it."""
BESIDE_ITS_NAME = (
    r"(?i:" + _KEY_NAMES + r")[\"'`*]*(?:\s*(?:=>|:=|[=:])\s*|\s+(?i:is|es|was|era)(?:\s|:)\s*)"
    r"[\"'`*]*(?P<value>" + _VALUE + r"{8,}+)(?!\()"
)
"""Anything at random, where its name stands before it: `db_password: ...`, `la clave es ...`."""
BARE = r"(?<![A-Za-z0-9/+=_.-])(?P<bare>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=_-])"
"""Forty letters and digits: a secret key of AWS. A commit has the same length."""

_ALL = re.compile(
    "|".join([*(f"(?:{shape})" for shape in FORMATS.values()), BESIDE_ITS_NAME, BARE])
)
_LEAST_CHANGES = 15
"""Changes of upper case, lower case and digits in forty signs; paths and names have fewer."""


def without_secrets(text: str, mark: str) -> str:
    """The text with `mark` in place of what looks like a secret."""

    def replaced(found: re.Match[str]) -> str:
        if found["bare"] is not None:
            return mark if _is_random(found["bare"], _LEAST_CHANGES) else found[0]
        if found["value"] is None:
            return mark
        value = found["value"].rstrip(".,;:?!*")
        if not is_password(value):
            return found[0]
        start = found.start("value") - found.start()
        return found[0][:start] + mark + found[0][start + len(value) :]

    return _ALL.sub(replaced, text)


def is_password(value: str) -> bool:
    """Whether it looks made up: digits among letters, or capitals inside. Words have neither."""
    if len(value) < 8 or value.isdigit():
        return False
    has_letters = any(c.isalpha() for c in value)
    capitals_inside = sum(c.isupper() for c in value[1:])
    has_both_cases = capitals_inside >= 2 and any(c.islower() for c in value)
    return has_letters and (any(c.isdigit() for c in value) or has_both_cases)


def _is_random(value: str, least_changes: int) -> bool:
    kinds = ["u" if c.isupper() else "d" if c.isdigit() else "l" for c in value]
    changes = sum(one != other for one, other in pairwise(kinds))
    return set(kinds) == {"u", "d", "l"} and changes >= least_changes
