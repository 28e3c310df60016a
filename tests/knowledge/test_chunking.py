"""Chunks are quotable pieces of an article, cut where the text itself has borders."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knowledge.articles import EVERYONE, Article, Audience, Chunk
from knowledge.chunking import MAX_WORDS, chunks_of

_SENTENCE = "The cooperative has many rules about the use of the kitchen and its fridge. "


def article(text: str, **changes: str) -> Article:
    plain = Article("handbook:a.md", "Handbook", text, "en", Audience.of(EVERYONE), url="file:///a")
    return replace(plain, **changes)  # type: ignore[arg-type]  # every changed field is a string


def texts(text: str) -> list[str]:
    return [chunk.text for chunk in chunks_of(article(text))]


def words(chunk: Chunk) -> int:
    return len(chunk.text.split())


def test_a_short_article_is_one_chunk_with_all_that_its_article_says() -> None:
    (chunk,) = chunks_of(article("# Handbook\n\nBe kind."))
    assert (chunk.text, chunk.title, chunk.heading) == ("Be kind.", "Handbook", ())
    assert (chunk.article, chunk.position, chunk.url) == ("handbook:a.md", 0, "file:///a")
    assert (chunk.language, chunk.page, chunk.audience) == ("en", None, Audience.of(EVERYONE))


def test_sections_are_apart_and_know_the_headings_above_them() -> None:
    found = chunks_of(
        article("# Handbook\n## Wifi\nAsk Bo.\n### Guests\nAsk Ana.\n## Keys\nAsk Lola.")
    )
    assert [(chunk.heading, chunk.text) for chunk in found] == [
        (("Wifi",), "Ask Bo."),
        (("Wifi", "Guests"), "Ask Ana."),
        (("Keys",), "Ask Lola."),
    ]


def test_a_heading_with_nothing_below_it_is_found_as_text() -> None:
    found = chunks_of(article("# A\n\n## Fire exit is door 3\n\n## Keys\n\nLola.\n\n# End"))
    assert [chunk.text for chunk in found] == ["## Fire exit is door 3", "Lola.", "# End"]


def test_long_sections_are_cut_evenly_at_the_ends_of_sentences() -> None:
    found = chunks_of(article(_SENTENCE * 30))
    assert len(found) > 2
    assert all(100 < words(chunk) <= MAX_WORDS for chunk in found)
    assert all(chunk.text.endswith(".") and chunk.text.startswith("The") for chunk in found)


def test_a_little_too_much_for_one_chunk_leaves_no_tiny_rest() -> None:
    sizes = [words(chunk) for chunk in chunks_of(article(_SENTENCE * 15))]
    assert len(sizes) == 2
    assert min(sizes) > 80


def test_paragraphs_stay_whole_where_they_fit() -> None:
    paragraphs = [_SENTENCE * 4 + f"Number {number}." for number in range(6)]
    found = texts("\n\n".join(paragraphs))
    assert all(any(paragraph in text for text in found) for paragraph in paragraphs)


def test_every_part_of_a_long_table_has_the_header_of_the_table() -> None:
    rows = "\n".join(f"| Person {number} | {number} days of holidays |" for number in range(100))
    found = texts(f"Days:\n\n| Name | Days |\n| --- | --- |\n{rows}\n\nThe end.")
    assert len(found) > 3
    assert found[0].startswith("Days:\n\n| Name | Days |\n| --- | --- |\n| Person 0 |")
    assert all(text.startswith("| Name | Days |\n| --- | --- |\n| Person") for text in found[1:])
    assert found[-1].endswith("The end.")


def test_a_table_after_an_empty_line_has_its_own_header() -> None:
    row = "| " + "word " * 60 + "|\n"
    found = texts(f"| A |\n|---|\n{row * 3}\n| B |\n|---|\n{row * 3}")
    assert found[-1].startswith("| B |\n|---|\n")
    assert texts("| lonely |") == ["| lonely |"]


def test_code_stays_whole_where_it_fits_and_is_cut_at_lines_where_not() -> None:
    code = "```sh\n# no heading\n\nmake run\n```"
    assert texts(f"Do this:\n\n{code}\n\nDone.") == [f"Do this:\n\n{code}\n\nDone."]
    long = "\n".join(f"step {number} does many things one by one" for number in range(60))
    found = texts(f"~~~\n{long}\n~~~")
    assert all(text.startswith(("step", "~~~\nstep")) for text in found)
    assert found[-1].endswith("~~~")
    assert texts("```\nnever closed") == ["```\nnever closed"]


def test_list_items_are_not_cut() -> None:
    items = [f"- item {number}. It has a second sentence, and more words." for number in range(60)]
    assert all(text.startswith("- item") for text in texts("\n".join(items)))


def test_pages_are_kept_apart_and_numbered() -> None:
    found = chunks_of(article("# A\n\nOne.\f\fThree."))
    assert [(chunk.page, chunk.text, chunk.heading) for chunk in found] == [
        (1, "One.", ("A",)),
        (3, "Three.", ("A",)),
    ]


def test_a_sentence_that_alone_is_too_long_is_cut_between_words() -> None:
    found = chunks_of(article("word " * 1000))
    assert all(words(chunk) <= MAX_WORDS for chunk in found)
    assert sum(words(chunk) for chunk in found) == 1000


def test_a_word_without_end_is_cut_too() -> None:
    found = texts("x" * 10_000)
    assert len(found) > 3
    assert "".join(found) == "x" * 10_000


def test_an_article_without_words_has_no_chunks() -> None:
    assert chunks_of(article("")) == []
    assert chunks_of(article("\n\n\f\n")) == []


def test_ids_stay_while_nothing_changes_and_change_with_text_place_and_article() -> None:
    first = chunks_of(article("One.\f" + "Two."))
    again = chunks_of(article("One.\f" + "Two."))
    assert [chunk.id for chunk in first] == [chunk.id for chunk in again]
    others = [chunks_of(article("One.\fTwo!"))[1], chunks_of(article("One.", id="b"))[0]]
    assert len({chunk.id for chunk in [*first, *others]}) == 4


def test_a_passage_in_the_other_language_is_found_as_such() -> None:
    spanish = "Todas las personas que trabajan aquí tienen derecho a días de vacaciones cada año."
    found = chunks_of(article(f"# In English\n{_SENTENCE}\n# En español\n{spanish}"))
    assert [chunk.language for chunk in found] == ["en", "es"]


_LINES = st.lists(
    st.sampled_from(
        [
            *(
                "# Top",
                "## Below it",
                "",
                "- item one",
                "| a | b |",
                "| --- | --- |",
                "| c | d. E |",
            ),
            *("```", "A sentence. Another one? Yes.", "1. step", "\f", "word " * 90, _SENTENCE * 9),
            *("#nospace", "#### ", "~~~", "> quoted", "\u00a0", "日本語のテキスト" * 40),
        ]
    ),
    max_size=25,
)


@given(_LINES)
def test_no_word_of_an_article_is_lost_and_none_is_invented(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = chunks_of(article(text))
    for chunk in found:
        assert all(line in text for line in chunk.text.split("\n"))
        assert chunk.text.strip() == chunk.text or chunk.text.startswith((" ", "\u00a0"))
    kept = " ".join(f"{' '.join(chunk.heading)} {chunk.text}" for chunk in found)
    assert set(re.findall(r"\w+", text)) <= set(re.findall(r"\w+", kept + " Handbook"))
    assert [chunk.position for chunk in found] == list(range(len(found)))


@given(_LINES)
def test_no_chunk_is_much_larger_than_the_limit(lines: list[str]) -> None:
    header = 10  # words of a repeated table header
    assert all(words(chunk) <= MAX_WORDS + header for chunk in chunks_of(article("\n".join(lines))))
