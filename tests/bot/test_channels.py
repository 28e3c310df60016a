"""What the file says of channels, and what is wrong with it."""

from functools import partial
from pathlib import Path

import pytest

from bot.channels import Channel, Channels
from bot.source_entry import StructureError
from bot.structure import Structure
from knowledge.articles import Audience


def written(folder: Path, text: str) -> Channels:
    """The channels of a file with this text."""
    (folder / "tertulia.toml").write_text(text)
    structure = Structure(folder / "tertulia.toml")
    return Channels(structure.content, partial(structure.table, "channels"))


def test_a_channel_is_known_by_each_of_its_names_and_by_what_is_said_of_all(tmp_path: Path) -> None:
    channels = written(
        tmp_path,
        '[channels.default]\nlanguage = "es"\nlistens = "mentions"\n'
        '[channels."slack:T1:chan:C9"]\nlistens = "threads"\nask = ["slack:U1"]\n',
    )
    named = channels.of("slack:C9", "slack:T1:chan:C9")
    assert (named.language, named.listens) == ("es", "threads")
    assert named.admits(Audience.of("slack:U1"))
    assert not named.admits(Audience.of("slack:U2", "everyone"))
    assert channels.of("slack:C8").listens == "mentions"
    assert channels.of("slack:C8").admits(Audience.of("everyone"))
    assert channels.of("slack:C8").admits(Audience.of("slack:T1:user:GUEST"))
    assert written(tmp_path, "").of("slack:C8") == Channel()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("channels = 1", "'channels' is no table"),
        ('[channels]\n"slack:C9" = 1', "is no table"),
        ('[channels."slack:C9"]\nlanguge = "es"', "Did you mean 'language'?"),
        ('[channels."slack:C9"]\nlanguage = "fr"', "one of en, es"),
        ('[channels."slack:C9"]\nlistens = "all"', '"mentions" or "threads"'),
        ('[channels."slack:C9"]\nask = ["ana"]', "'ana' in its ask is neither"),
        ('[channels."slack:C9"]\nper_person = "many"', '"30/hour"'),
        ('[channels."slack:C9"]\nper_channel = "0/hour"', "5 per 10 minutes"),
        ('[channels."slack:C9"]\nsources = "handbook"', 'sources = ["handbook"]'),
        (
            '[channels."#hr"]\nlanguage = "es"',
            'Right: [channels."slack:C9"]. Chats',
        ),
        ('[channels."slak:C1"]\nlanguage = "es"', "is no channel of a chat"),
        ('[channels."discord:123"]\nlanguage = "es"', 'Right: [channels."discord:chan:9"]'),
        ('[channels."slack:general"]\nlanguage = "es"', 'Right: [channels."slack:C9"]'),
        ('[channels."slack:C9"]\nask = ["slak:S4"]', "names 'slak:S4', who is on no chat"),
        ('[channels."slack:C9"]\nbots = ["B12"]', "names 'B12', who is on no chat"),
        ('[channels."slack:C9"]\nremoves_answers = "perhaps"', "true or false"),
        ('[channels.default]\nprompts = ["1", "2", "3", "4", "5"]', "up to four questions"),
    ],
)
def test_what_is_written_wrong_is_named_with_what_is_right(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(StructureError) as caught:
        written(tmp_path, text).of("slack:C9")
    assert said in f"{caught.value} {caught.value.what_to_do}"


def test_a_bot_that_is_answered_may_ask_unless_others_are_named(tmp_path: Path) -> None:
    bot, guest = Audience.of("slack:B12"), Audience.of("slack:U9")
    for ask, admits_bot, admits_guest, follows in (
        ("", True, True, True),
        ('ask = ["everyone"]', True, False, True),
        ('ask = ["slack:S4"]', False, False, False),
        ('ask = ["slack:S4", "slack:B12"]', True, False, False),
    ):
        text = f'[channels.default]\nbots = ["slack:B12"]\n{ask}\n'
        channel = written(tmp_path, text).of("slack:C9")
        assert channel.admits(bot) is admits_bot, ask
        assert channel.admits(guest) is admits_guest, ask
        assert channel.follows is follows, ask


def test_what_was_said_last_holds_while_the_file_is_written_wrong(tmp_path: Path) -> None:
    channels = written(tmp_path, '[channels."slack:C9"]\nask = ["slack:U1"]\n')
    ben = Audience.of("slack:U2", "everyone")
    assert not channels.of("slack:C9").admits(ben)
    (tmp_path / "tertulia.toml").write_text('[channels."slack:C9"\nask = [')
    assert not channels.of("slack:C9").admits(ben)
    (tmp_path / "tertulia.toml").write_text("")
    assert channels.of("slack:C9").admits(ben)


def test_a_source_that_there_is_none_of_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    handbook = '[sources.handbook]\nkind = "files"\npath = "."\naudience = ["everyone"]\n'
    right = handbook + '[channels.default]\nsources = ["handbook"]\n'
    assert written(tmp_path, right).of("slack:C9").sources == ("handbook",)
    with pytest.raises(StructureError) as caught:
        written(tmp_path, right.replace('["handbook"]', '["handbok"]')).of("slack:C9")
    assert "names the source 'handbok'" in str(caught.value)
    assert "Did you mean 'handbook'?" in caught.value.what_to_do
