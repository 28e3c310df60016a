"""Files of ours: whole or not at all, and line by line."""

import json
from pathlib import Path

import pytest

from knowledge.text_files import lines_of, write_whole


def test_a_file_is_written_whole_for_nobody_else_to_read(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_whole(file, "uno\n")
    write_whole(file, "dos, y más\n")
    assert file.read_text(encoding="utf-8") == "dos, y más\n"
    assert file.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write_whole(file, "before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "half \ud800")
    assert file.read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
def test_a_line_of_json_is_one_whatever_it_says(sign: str) -> None:
    rows = [{"text": f"one{sign}two"}, {"text": "three"}]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    assert [json.loads(line) for line in lines_of(text) if line] == rows
