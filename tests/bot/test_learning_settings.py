"""What tertulia.toml says of learning is read, and what is wrong with it is told."""

import re
from pathlib import Path

import pytest

from bot.channels import spellings
from bot.learning_settings import Learning, learning_of
from bot.learning_text import WHY
from bot.source_entry import StructureError
from bot.structure import Structure


def structure(tmp_path: Path, text: str) -> Structure:
    file = tmp_path / "tertulia.toml"
    file.write_text(text, encoding="utf-8")
    return Structure(file)


def test_without_a_word_nothing_is_learnt(tmp_path: Path) -> None:
    assert learning_of(structure(tmp_path, "").table("learning")) == Learning()
    assert not Learning().consent


def test_what_stands_there_is_read(tmp_path: Path) -> None:
    said = (
        '[learning]\nconsent = true\ncurators = ["slack:T1:user:U7"]\nterms = ["slack"]\n'
        'known_words = ["Tejo"]\nprobation_days = 30\ntold_in = "discord:7:chan:9"\n'
    )
    assert learning_of(structure(tmp_path, said).table("learning")) == Learning(
        consent=True,
        curators=("slack:T1:user:U7",),
        terms=("slack",),
        known_words=("Tejo",),
        probation_days=30,
        told_in="discord:7:chan:9",
    )


@pytest.mark.parametrize(
    ("said", "wrong", "right"),
    [
        ('[learning]\nconsent = "yes"', "consent = 'yes' cannot be", "true or false"),
        ("[learning]\nconsent = 1", "consent = 1 cannot be", "true or false"),
        ('[learning]\nterms = ["teams"]', "terms = ", '["slack", "discord"]'),
        ('[learning]\ncurators = "ana"', "curators = 'ana' cannot be", "curators = ["),
        ('[learning]\ncurators = ["ana"]', "names 'ana', who is no person", "curators = ["),
        ("[learning]\nprobation_days = -1", "probation_days = -1", "from 0 to 365"),
        (
            '[learning]\ntold_in = "slack:C9"',
            "told_in = 'slack:C9' is no channel",
            "slack:T1:chan:C9",
        ),
        ('[learning]\ntold_in = "discord:x:chan:9"', "is no channel", "discord:7:chan:9"),
        ('[learning]\ntold_in = "terminal:1:chan:9"', "is no channel", "slack:T1:chan:C9"),
        ("[learning]\ntold_in = 9", "told_in = 9 cannot be", "slack:T1:chan:C9"),
        ("[learning]\nconsents = true", "has no 'consents'", "Did you mean 'consent'"),
        ("learning = true", "'learning' is no table", "Write [learning]"),
        ('[channels."slack:C9"]\nlearns = "yes"', "learns = 'yes' cannot be", "true or false"),
    ],
)
def test_what_is_wrong_is_told(said: str, wrong: str, right: str, tmp_path: Path) -> None:
    with pytest.raises(StructureError) as told:
        structure(tmp_path, said).table("learning")
    assert wrong in str(told.value)
    assert right in told.value.what_to_do


def test_a_channel_is_found_under_all_its_names() -> None:
    assert spellings("slack:T1:chan:C9") == ("slack:C9", "slack:T1:chan:C9")
    assert spellings("discord:7:chan:9") == (
        "discord:guild:7",
        "discord:chan:9",
        "discord:7:chan:9",
    )
    assert spellings("terminal:chat") == ("terminal:chat",)


def test_what_the_page_shows_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/learning.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    said = learning_of(structure(tmp_path, shown).table("learning"))
    assert said.consent
    assert said.probation_days == Learning().probation_days


def test_every_reason_to_leave_an_answer_out_is_worded() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parents[2] / "pipelines/learning").glob("*.py")
        if path.name in ("examples.py", "consent.py")
    )
    reasons = re.findall(r'(?:LeftOut\(|return )"([a-z-]+)"', code)
    assert set(reasons) - {"up", "down", "style", "tool", "refusal"} == set(WHY)
