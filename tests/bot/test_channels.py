"""What the file says of channels, and what is wrong with it."""

from pathlib import Path

import pytest

from bot.channels import Channel
from bot.source_entry import StructureError
from bot.structure import Structure
from knowledge.articles import Audience


def written(folder: Path, text: str) -> Structure:
    """A file with this text."""
    (folder / "tertulia.toml").write_text(text)
    return Structure(folder / "tertulia.toml")


def test_a_channel_is_known_by_each_of_its_names_and_by_what_is_said_of_all(tmp_path: Path) -> None:
    structure = written(
        tmp_path,
        '[channels.default]\nlanguage = "es"\nlistens = "mentions"\n'
        '[channels."slack:T1:chan:C9"]\nlistens = "threads"\nask = ["slack:U1"]\n',
    )
    named = structure.channel("slack:C9", "slack:T1:chan:C9")
    assert (named.language, named.listens) == ("es", "threads")
    assert named.admits(Audience.of("slack:U1"))
    assert not named.admits(Audience.of("slack:U2", "everyone"))
    assert structure.channel("slack:C8").listens == "mentions"
    assert structure.channel("slack:C8").admits(Audience.of("everyone"))
    assert written(tmp_path, "").channel("slack:C8") == Channel()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("channels = 1", "'channels' is no table"),
        ('[channels]\n"slack:C9" = 1', "is no table"),
        ('[channels."slack:C9"]\nlanguge = "es"', "Did you mean 'language'?"),
        ('[channels."slack:C9"]\nlanguage = "fr"', "one of en, es"),
        ('[channels."slack:C9"]\nlistens = "all"', '"mentions" or "threads"'),
        ('[channels."slack:C9"]\nask = ["ana"]', "'ana' in its ask is neither"),
        ('[channels."slack:C9"]\nremoves_answers = "perhaps"', "true or false"),
    ],
)
def test_what_is_written_wrong_is_named_with_what_is_right(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(StructureError) as caught:
        written(tmp_path, text).channel("slack:C9")
    assert said in f"{caught.value} {caught.value.what_to_do}"


def test_an_edit_by_hand_counts_with_the_next_message(tmp_path: Path) -> None:
    structure = written(tmp_path, "[channels.default]\nlistens = 'mentions'")
    assert structure.channel("slack:C9").listens == "mentions"
    written(tmp_path, "[channels.default]\nlistens = 3")
    with pytest.raises(StructureError):
        structure.channel("slack:C9")
    written(tmp_path, "[channels.default]\nlistens = 'threads'")
    assert structure.channel("slack:C9").listens == "threads"
