"""The tables of the embedded store, and their format."""

import sqlite3
from pathlib import Path

from knowledge import words
from knowledge.sqlite import StoreVersionError, connect, set_format, translated, writing
from knowledge.stores.word_groups import GROUPS

FORMAT = 1

# Terms hold letters, digits and the signs inside codes; between them there are only blanks.
_TOKENS = "ascii tokenchars ''-./,_:@+#''"

_INDEXES = ";\n".join(
    f"CREATE VIRTUAL TABLE words_{group} USING fts5 "
    f"(headline, text, content = '', tokenize = '{_TOKENS}')"
    for group in GROUPS
)

# `places` is what a search must know of every chunk and fits into memory; `chunks` is what people
# read. A place without a text hash is free and is used again, so that rows stay dense.
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE languages (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
CREATE TABLE audiences (id INTEGER PRIMARY KEY, principals TEXT NOT NULL UNIQUE);
CREATE TABLE places (row INTEGER PRIMARY KEY, language INTEGER NOT NULL, audience INTEGER NOT NULL,
    text_hash TEXT, generation INTEGER NOT NULL);
CREATE INDEX places_by_generation ON places (generation);
CREATE INDEX places_by_text ON places (text_hash);
CREATE TABLE chunks (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article TEXT NOT NULL,
    position INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, heading TEXT NOT NULL,
    url TEXT NOT NULL, page INTEGER, updated_at TEXT);
CREATE INDEX chunks_by_article ON chunks (article, position);
CREATE TABLE documents (row INTEGER PRIMARY KEY, body TEXT NOT NULL);
INSERT INTO about VALUES ('generation', 0), ('words', ''), ('sketches', '');
"""
SCHEMA = (_TABLES + _INDEXES).strip()


def open_database(path: Path) -> sqlite3.Connection:
    """The writing connection to the store's database, made if it is not there.

    Raises:
        StoreVersionError: the file was written by another version; it was not touched.
    """
    connection = connect(path)
    try:
        set_format(connection, path, version=FORMAT, schema=SCHEMA)
        _name(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _name(connection: sqlite3.Connection, path: Path) -> None:
    """Give the store a name of its own, once: what others remember of it is kept by that name."""
    with translated(path):
        query = "SELECT value FROM about WHERE name = 'identity'"
        is_named = connection.execute(query).fetchone()
    if not is_named:
        with writing(connection, path):
            # Another process may have been quicker; the first name stays.
            connection.execute(
                "INSERT OR IGNORE INTO about VALUES ('identity', lower(hex(randomblob(16))))"
            )


def noted(connection: sqlite3.Connection, name: str) -> str:
    """What the store says about itself under this name."""
    found = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
    return str(found[0])


def check_words(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse to write into a word index that another version of the word rules has made."""
    found = noted(connection, "words")
    if found != words.VERSION:
        raise StoreVersionError(
            f"The word index of {path} was rebuilt by another version of Tertulia ({found}).",
            what_to_do="Stop every process of the older version, then start again.",
        )
