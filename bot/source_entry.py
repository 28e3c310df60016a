"""One source as `tertulia.toml` names it, and how its options become a source."""

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import ModuleType, NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import quote

from pydantic import ValidationError, validate_call
from pydantic_core import ErrorDetails

from bot import extensions
from bot.settings import environment_of_programs, environment_value
from knowledge.articles import EVERYONE, Audience
from knowledge.errors import UsageError, suggestion
from knowledge.sources import OptionError, Source

OUR_ARGUMENTS = ("name", "audience", "folder", "environment")
WATCH = "watch"
"""The option that is ours and not the source's: `false` leaves a source to its schedule alone."""
_SECRET = re.compile(r"\$\{(\w+)\}")
_WHO = re.compile(r"(?<=://)[^/@\s]*@")
# A password behind a name, or a token that stands in the place of a name.
_PASSWORD = re.compile(r"://(?:[^/@:\s]*:(?!\$\{)[^/@\s]+|(?<=https://)(?!\$\{)[^/@:\s]{20,})@")
# The same behind a ?, where drivers and servers look for it, too; a {column} is none.
_KEY = r"(?i:password|passwd|pwd|token|private_token|access_token|api_?key|secret)"
_ASKED_WITH = re.compile(
    rf"(?<=://)(?P<before>\S*?[?&;]{_KEY}=)(?!\$?\{{\w+\}}(?:[&;#]|$))[^&;#\s'\"]+"
)
_ASKED_FOR = re.compile(rf"(?<=[?&;]){_KEY}=\$\{{\w+\}}")
_SECRET_OPTIONS = {"password", "token"}
NEEDED = {
    "path": "it needs --path: the folder or file to read",
    "url": "it needs --url: the address to read",
}


class StructureError(UsageError):
    """`tertulia.toml`, or what should be written into it, is wrong."""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source as `tertulia.toml` names it.

    Attributes:
        schedule: how often it is refreshed; empty where the file does not say so.
    """

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    audience: Audience = field(default_factory=lambda: Audience.of(EVERYONE))
    schedule: str = ""

    @property
    def origin(self) -> str:
        """A fingerprint of where its articles come from and how they are read; no secret in it."""
        return self.origin_beside("")

    def origin_beside(self, noted: str) -> str:
        """The same; where this process cannot know what `${NAME}` stands for, as it was noted."""
        options = {key: value for key, value in self.options.items() if key != WATCH}
        template = _hashed([self.kind, options])
        values = {name: environment_value(name) for name in _names_of_places(options)}
        if not values:
            return template
        if not all(values.values()) and template in noted:
            return noted
        known = {name: _without_passwords(value) for name, value in values.items()}
        return f"{template}.{_hashed(known)}"

    @property
    def is_watched(self) -> bool:
        """Whether it is refreshed as soon as it says that something has changed."""
        return str(self.options.get(WATCH, True)).lower() == "true"

    def build(self, folder: Path) -> Source:
        """The source itself; it may keep files of its own in a folder.

        Raises:
            StructureError: an unknown kind or option, or a value of the wrong type.
            OptionError: a value that it cannot have.
        """
        kind = extensions.load("knowledge.sources", self.kind)
        factory = kind.build
        self._check_options(kind)
        ours: dict[str, Any] = {"name": self.name, "audience": self.audience}
        ours |= {"folder": folder, "environment": environment_of_programs()}
        ours = {key: ours[key] for key in ours if key in inspect.signature(factory).parameters}
        options = {key: self._with_secrets(key, value) for key, value in self.options.items()}
        options.pop(WATCH, None)
        try:
            built = validate_call(factory)(**ours, **options)
        except ValidationError as error:
            raise StructureError(
                f"Source '{self.name}' ({self.kind}): {_problems(error)}.",
                what_to_do="Correct it where it was written: in the command, or in tertulia.toml.",
            ) from error
        except OptionError as error:
            raise type(error)(self._saying(error), what_to_do=error.what_to_do) from error
        except (ValueError, OverflowError, RuntimeError) as error:
            # Whatever stands in the file, others are served: nothing else may come out of here.
            raise StructureError(
                self._saying(error),
                what_to_do=f"See what its options may be: tertulia source add {self.kind} --help",
            ) from error
        source: Source = built
        return source

    def _saying(self, error: Exception) -> str:
        """What is wrong, and of which source."""
        said = str(error)
        return said if f"'{self.name}'" in said else f"Source '{self.name}' ({self.kind}): {said}"

    def _with_secrets(self, key: str, value: Any) -> Any:  # noqa: ANN401 (any TOML value)
        """An option with `${NAME}` replaced by that value of the environment or `.env`."""
        if isinstance(value, list):
            return [self._with_secrets(key, one) for one in value]
        if not isinstance(value, str):
            return value
        self._check_text(key, value)

        def inserted(found: re.Match[str]) -> str:
            return self._secret(key, found[1])

        def quoted(found: re.Match[str]) -> str:
            return quote(inserted(found), safe="")

        # In the passwords of an address, signs like @, / and & have to be written otherwise.
        for place in (_WHO, _ASKED_FOR) if "://" in value else ():
            value = place.sub(lambda who: _SECRET.sub(quoted, who[0]), value)
        return _SECRET.sub(inserted, value)

    def _check_text(self, key: str, value: str) -> None:
        """Refuse what must not be written into the file: a secret, or what nothing can read."""
        if key in _SECRET_OPTIONS and value and not _SECRET.fullmatch(value):
            raise StructureError(
                f"Source '{self.name}': option '{key}' has a secret in it.",
                what_to_do="Put the secret into the environment or .env, and its name here: "
                f"{key}=${{MY_{key.upper()}}}",
            )
        if has_password(value):
            raise StructureError(
                f"Source '{self.name}': option '{key}' has a password in it.",
                what_to_do="Put the password into the environment or .env, and its name here: "
                f"{_without_passwords(value)}",
            )
        if "\0" in value:
            right = _without_passwords(value.replace("\0", ""))
            raise StructureError(
                f"Source '{self.name}': option '{key}' has a zero character in it.",
                what_to_do=f"Write {key} without it: {right}",
            )

    def _secret(self, key: str, name: str) -> str:
        value = environment_value(name)
        if not value:
            raise StructureError(
                f"Source '{self.name}': option '{key}' wants {name} from the environment, and it "
                "is not set there.",
                what_to_do=f"Set {name} in the environment or in .env.",
            )
        return value

    def _check_options(self, kind: ModuleType) -> None:
        known = list(options_of(kind))
        wrong = [name for name in self.options if name not in (*known, WATCH)]
        if wrong:
            raise StructureError(
                f"Source '{self.name}': a {self.kind} source has no option '{wrong[0]}'.",
                what_to_do=suggestion(wrong[0], known),
            )


def _names_of_places(options: Mapping[str, Any]) -> list[str]:
    """What the environment says of where a source is; not what it says of who we are there."""
    places = [value for key, value in options.items() if key not in _SECRET_OPTIONS]
    written = _WHO.sub("", json.dumps(places, default=str))
    return sorted(set(_SECRET.findall(_ASKED_FOR.sub("", written))))


def _hashed(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def has_password(value: str) -> bool:
    """Whether a password stands in an address, and not only its name."""
    return bool(_PASSWORD.search(value) or _ASKED_WITH.search(value))


def _without_passwords(value: str) -> str:
    """An address with a name in the place of each password."""
    value = _PASSWORD.sub("://USER:${MY_PASSWORD}@", value)
    while _ASKED_WITH.search(value):
        value = _ASKED_WITH.sub(r"\g<before>${MY_PASSWORD}", value)
    return value


def options_of(kind: ModuleType) -> dict[str, inspect.Parameter]:
    """The options of a kind of source, by name: of its class `Options`, else of `build` itself."""
    parameters = inspect.signature(_declared_in(kind)).parameters
    return {name: one for name, one in parameters.items() if name not in OUR_ARGUMENTS}


def _declared_in(kind: ModuleType) -> Any:  # noqa: ANN401 (a class or a function)
    return getattr(kind, "Options", kind.build)


def kinds() -> list[str]:
    """The kinds of sources there are."""
    return extensions.names_in("knowledge.sources")


def explained(kind: str) -> str:
    """The options of a kind of source, a line each, and an example."""
    module = extensions.load("knowledge.sources", kind)
    hints = get_type_hints(_declared_in(module), include_extras=True)
    lines = [_explained(name, one, hints[name]) for name, one in options_of(module).items()]
    about = (module.__doc__ or "").partition("\n")[0]
    return "\n".join(
        [f"{kind}: {about}", "", *lines, "", f"Example: tertulia source add NAME {module.EXAMPLE}"]
    )


def _explained(name: str, option: inspect.Parameter, hint: Any) -> str:  # noqa: ANN401 (any type)
    """One option: how it is given, what it means, its type and its default."""
    means = next((text for text in get_args(hint)[1:] if isinstance(text, str)), "")
    of_type = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    default = "needed" if option.default is option.empty else f"default {option.default!r}"
    given = f"--{name}" if name in NEEDED else f"--option {name}=..."
    return f"  {given:24} {means} ({_named(of_type)}; {default})"


def _named(of_type: Any) -> str:  # noqa: ANN401 (any type)
    """A type as people read it: `str or list of str`."""
    parts = get_args(of_type)
    if get_origin(of_type) is list:
        return f"list of {_named(parts[0])}"
    if get_origin(of_type) is Literal:
        return " or ".join(map(repr, parts))
    if parts:
        return " or ".join(dict.fromkeys(_named(part) for part in parts if part is not NoneType))
    return "str" if of_type is Path else str(getattr(of_type, "__name__", of_type))


def _problems(error: ValidationError) -> str:
    return "; ".join(_in_words(problem) for problem in error.errors())


def _in_words(problem: ErrorDetails) -> str:
    """What is wrong with an option, as a person would say it."""
    name = ".".join(map(str, problem["loc"]))
    if problem["type"].startswith("missing"):
        return NEEDED.get(name, f"it needs --option {name}=VALUE")
    return f"option {name}: {problem['msg']}"
