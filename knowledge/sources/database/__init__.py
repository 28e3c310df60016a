"""A database as a source: any that SQLAlchemy can read; its rows become articles."""

from typing import Annotated, Any

from pydantic.dataclasses import dataclass

from knowledge.articles import Audience
from knowledge.database_address import DatabaseAddressError, parsed
from knowledge.sources.database.failures import named
from knowledge.sources.database.kinds import check_seconds, kinds_of
from knowledge.sources.database.reader import DriverError
from knowledge.sources.database.source import DatabaseSource
from knowledge.sources.database.template import WrongOptionError

EXAMPLE = (
    "database --url 'postgresql://reader:${FAQ_PASSWORD}@localhost/team' "
    "--option 'query=SELECT id, question, answer, updated_at FROM faq' "
    "--option 'title={question}' --option 'text={answer}' --option changed=updated_at"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What can be said about a database."""

    url: Annotated[str, "the database, such as postgresql://USER:${PASSWORD}@HOST/DATABASE"]
    query: Annotated[str, "one SELECT that gives a row for each article"] = ""
    text: Annotated[str, "what the article says, with {column} where a value belongs"] = ""
    title: Annotated[str, "its title, likewise; default: the key"] = ""
    key: Annotated[str, "the column that tells rows apart"] = "id"
    changed: Annotated[str, "the column that grows with every change"] = ""
    date: Annotated[str, "the column with its date; default: changed"] = ""
    link: Annotated[str, "its address: {column}, or https://.../{column}"] = ""
    language: Annotated[str, "en, es, ... or {column}; default: by its words"] = ""
    readers: Annotated[str, "the column that says who may read it; default: --audience"] = ""
    kinds: Annotated[
        dict[str, dict[str, str]] | None, "several queries: [sources.NAME.kinds.KIND] in the file"
    ] = None
    timeout_s: Annotated[float, "seconds that a statement may take"] = 60


def build(
    *,
    name: str,
    audience: Audience,
    **options: Any,  # noqa: ANN401 (those of `Options`)
) -> DatabaseSource:
    """The source of these rows; the database is not asked yet.

    Raises:
        DatabaseAddressError, DriverError: the address or its driver is wrong.
        WrongOptionError: a query, a column or a template is.
    """
    wanted = Options(**options)
    given = _given(
        query=wanted.query,
        text=wanted.text,
        title=wanted.title,
        key="" if wanted.key == "id" else wanted.key,
        changed=wanted.changed,
        date=wanted.date,
        link=wanted.link,
        language=wanted.language,
        readers=wanted.readers,
    )
    try:
        described = kinds_of(given, wanted.kinds or {})
        check_seconds(wanted.timeout_s)
        return DatabaseSource(
            name=name,
            audience=audience,
            url=parsed(wanted.url),
            kinds=described,
            timeout_s=wanted.timeout_s,
        )
    except (DatabaseAddressError, DriverError, WrongOptionError) as error:
        raise named(name, error) from error


def _given(**options: str) -> dict[str, str]:
    """The options of the only kind, if there is one."""
    return {option: value for option, value in options.items() if value}
