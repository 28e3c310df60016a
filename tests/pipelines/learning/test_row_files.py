"""Rows go out in the formats of other programs and come back; mistakes are named by line."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.learning_examples import Example
from pipelines.learning.formats import FORMATS, Format, rows_of
from pipelines.learning.row_files import WrongRowsError, read_rows
from tests.pipelines.learning.rows import EVERYBODY, row

GOOD: dict[Format, str] = {
    "messages": '{"messages": [{"role": "user", "content": "q"}, '
    '{"role": "assistant", "content": "a"}]}',
    "alpaca": '{"instruction": "q", "input": "", "output": "a"}',
    "sharegpt": '{"conversations": [{"from": "human", "value": "q"}, '
    '{"from": "gpt", "value": "a"}]}',
    "preference": '{"prompt": "q", "chosen": "a", "rejected": "b"}',
    "kto": '{"prompt": "q", "completion": "a", "label": true}',
}
said = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=80)
words = said.filter(lambda text: text.strip())


@given(
    st.lists(words, min_size=2, max_size=6).filter(lambda turns: len(turns) % 2 == 0),
    st.one_of(st.just(""), words),
    words,
    st.sampled_from(FORMATS),
)
@settings(max_examples=200, deadline=None)
def test_what_goes_out_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    turns: list[str],
    system: str,
    given_: str,
    form: Format,
) -> None:
    roles = ["user", "assistant"] * (len(turns) // 2)
    messages = [{"role": role, "content": one} for role, one in zip(roles, turns, strict=True)]
    messages = [{"role": "system", "content": system}, *messages] if system else messages
    one = Example("a", "answer", tuple(messages), EVERYBODY, given=given_, opinion="down")
    file = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    lines = [json.dumps(value, ensure_ascii=False) for value in rows_of(one, form)]
    file.write_text("\n".join(lines), encoding="utf-8")
    read = read_rows(file, form)
    if form == "kto":
        assert [(r.messages[-1]["content"], r.label) for r in read] == [
            (given_, False),
            (turns[-1], True),
        ]
        return
    (back,) = read
    assert back.messages == tuple(messages)
    assert back.rejected == (given_ if form == "preference" else "")


@pytest.mark.parametrize("form", FORMATS)
def test_a_row_of_each_format_is_read(form: Format, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(f"\ufeff{GOOD[form]}\r\n\r\n".encode())
    (one,) = read_rows(file, form)
    assert [turn["content"] for turn in one.messages] == ["q", "a"]
    file.write_text(f"[\n{GOOD[form]},\n{GOOD[form]}\n]\n")
    assert [one.line for one in read_rows(file, form)] == [2, 3]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"{not json}", 1, "is no JSON"),
        (b"GOOD\n{", 2, "is no JSON"),
        (b'GOOD\n\n"text"', 3, "is no object"),
        (b"GOOD\n{}", 2, "has no 'messages'"),
        (b'GOOD\n{"messages": "hello"}', 2, "'messages' is no list"),
        (b'GOOD\n{"messages": []}', 2, "do not alternate"),
        (b'GOOD\n{"messages": ["hello"]}', 2, "a turn is no object"),
        (b'{"messages": [{"role": "bot", "content": "a"}]}', 1, "'bot' is no role"),
        (b'{"messages": [{"role": "user", "content": 7}]}', 1, "'content' is no text"),
        (b'{"messages": [{"role": "user", "content": "q"}]}', 1, "do not alternate"),
        (b'{"messages": [{"role": "assistant", "content": "a"}]}', 1, "do not alternate"),
        (b'{"messages": [{"content": "a"}]}', 1, "has no 'role'"),
        (b"GOOD\nGOOD\n\xff\xfe\xfa", 3, "is no UTF-8 text"),
        ('{"messages": "ñ"}'.encode("latin-1"), 1, "is no UTF-8 text"),
        ('{"messages": []}'.encode("utf-16"), 1, "is no UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), 1, "is no text"),
        (b"GOOD\n\0\0\0", 2, "is no text"),
        (b"GOOD\n" + b'{"messages": "' + b"x" * 10_000_000 + b'"}', 2, "is longer than"),
        (b"GOOD\n" + b"[" * 200_000, 2, ""),
        (b"[{}, {]", 1, ""),
        (b"[GOOD", 1, "is no JSON"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_line(
    content: bytes, line: int, what: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(content.replace(b"GOOD", GOOD["messages"].encode()))
    with pytest.raises(WrongRowsError) as wrong:
        read_rows(file, "messages")
    assert str(wrong.value).startswith(f"{file}, line {line} ")
    assert what in str(wrong.value)
    assert wrong.value.what_to_do


@pytest.mark.parametrize(
    ("form", "content", "what"),
    [
        ("alpaca", '{"instruction": "q"}', "has no 'output'"),
        ("alpaca", '{"instruction": "q", "output": "a", "history": ["x"]}', "no list of pairs"),
        ("alpaca", '{"instruction": " ", "output": "a"}', "a turn of it is empty"),
        ("sharegpt", '{"conversations": [{"from": "tool", "value": "q"}]}', "'tool' is no role"),
        ("sharegpt", '{"messages": []}', "has no 'conversations'"),
        ("preference", '{"prompt": "q", "chosen": "a"}', "has no 'rejected'"),
        ("preference", '{"prompt": 1, "chosen": "a", "rejected": "b"}', "'prompt' is no list"),
        ("preference", '{"prompt": "q", "chosen": [], "rejected": "b"}', "no single answer"),
        ("kto", '{"prompt": "q", "completion": "a"}', "has no 'label'"),
        ("kto", '{"prompt": "q", "completion": "a", "label": 1}', "neither true nor false"),
    ],
)
def test_what_each_format_asks_for_is_told(
    form: Format, content: str, what: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(content)
    with pytest.raises(WrongRowsError) as wrong:
        read_rows(file, form)
    assert what in str(wrong.value)
    assert "Right: {" in wrong.value.what_to_do


@pytest.mark.parametrize("content", ["", "\n\n \n", "\ufeff"])
def test_an_empty_file_is_told_as_such(content: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(content)
    with pytest.raises(WrongRowsError, match="is empty"):
        read_rows(file, "messages")


def test_a_file_that_is_not_there_or_no_file_is_told_as_such(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(WrongRowsError, match="cannot be read"):
            read_rows(path, "messages")


def test_what_has_nothing_of_a_format_gives_no_row() -> None:
    assert rows_of(row("a"), "preference") == []
    assert rows_of(row("a"), "kto") == []
    assert len(rows_of(row("a", opinion="up"), "kto")) == 1
