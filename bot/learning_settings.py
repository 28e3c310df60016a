"""What `[learning]` in `tertulia.toml` says: whether anything is learnt, and who looks after it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.channels import is_full_name
from bot.principals import is_person
from knowledge.errors import suggestion

Mistake = tuple[str, str]
_RIGHT = {
    "consent": "Right: true or false",
    "curators": 'Right: curators = ["slack:T1:user:U7", "terminal:ana"]',
    "terms": 'Right: terms = ["slack", "discord"], each once its terms allow it',
    "probation_days": "Right: days from 0 to 365, such as 14",
    "told_in": 'Right: told_in = "slack:T1:chan:C9", or with its server "discord:7:chan:9"',
    "known_words": 'Right: known_words = ["Tejo", "Ágora"]',
}


class Learning(BaseModel):
    """Whether anything is learnt from what people say; `[learning]`.

    Attributes:
        consent: whether those who look after Tertulia agree at all; channels and people besides.
        curators: who decides about examples, besides the admins.
        told_in: the channel in which alarms are told, and what every week's run came to.
        terms: the chats whose terms somebody has read and found to allow it for this installation.
        known_words: words with a capital that name nobody, such as those of products.
        probation_days: so long what somebody new says of answers counts for nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    consent: bool = False
    curators: tuple[str, ...] = ()
    told_in: str = ""
    terms: tuple[Literal["slack", "discord"], ...] = ()
    known_words: tuple[str, ...] = ()
    probation_days: Annotated[int, Field(ge=0, le=365)] = 14


def learning_of(table: Mapping[str, Any]) -> Learning:
    """What the table says.

    Raises:
        ValidationError: it is written wrong; `mistakes` words that.
    """
    return Learning.model_validate(
        {key: tuple(said) if isinstance(said, list) else said for key, said in table.items()}
    )


def mistakes(table: object) -> Iterator[Mistake]:
    """What is wrong with `[learning]`, and what to do."""
    if not isinstance(table, Mapping):
        yield "'learning' is no table", "Write [learning] and below it: consent = true"
        return
    try:
        learning = learning_of(table)
    except ValidationError as error:
        for key in dict.fromkeys(str(problem["loc"][0]) for problem in error.errors()):
            yield _worded(key, table[key])
        return
    for name in learning.curators:
        if not is_person(name):
            yield f"[learning] curators names '{name}', who is no person", _RIGHT["curators"]
    if learning.told_in and not is_full_name(learning.told_in):
        yield f"[learning] told_in = '{learning.told_in}' is no channel", _RIGHT["told_in"]


def _worded(key: str, said: object) -> Mistake:
    if key not in _RIGHT:
        return f"[learning] has no '{key}'", suggestion(key, _RIGHT)
    return f"[learning] {key} = {said!r} cannot be", _RIGHT[key]
