"""The words that families of embedders were trained with before each text."""

INSTRUCTED = "Represent this sentence for searching relevant passages: "
ASKED = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
)

# By a part of the model's name: before questions, before passages. The last one that fits counts.
FAMILIES = {
    "nomic-embed": ("search_query: ", "search_document: "),
    "e5-": ("query: ", "passage: "),
    # What follows instructions wants a sentence of its own instead, which only its makers know.
    "instruct": ("", ""),
    "mxbai-embed": (INSTRUCTED, ""),
    "bge-small-en": (INSTRUCTED, ""),
    "bge-base-en": (INSTRUCTED, ""),
    "bge-large": (INSTRUCTED, ""),
    "snowflake-arctic-embed": (INSTRUCTED, ""),
    "snowflake-arctic-embed2": ("query: ", ""),
    "embeddinggemma": ("task: search result | query: ", "title: none | text: "),
    "qwen3-embedding": (ASKED, ""),
}


def prefixes(model: str) -> tuple[str, str]:
    """What goes before questions and before passages for a model of this name; mostly nothing."""
    found = [pair for family, pair in FAMILIES.items() if family in model.lower()]
    return found[-1] if found else ("", "")
