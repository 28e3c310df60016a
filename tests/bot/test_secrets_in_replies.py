"""Secrets are masked by their shapes, and ordinary lines are left alone."""

import json
import re
from pathlib import Path
from random import Random
from string import ascii_letters, digits

import pytest

from bot.egress import Egress
from bot.egress.credentials import masked

ROOT = Path(__file__).parents[2]
FORMATS = ROOT.parent / "shared" / "data" / "security" / "own" / "secret_formats.json"
CARRIERS = ("{}", "use {} for the deploy", "`{}`", "```\n{}\n```", "|a|{}|b|", "key: {}, please")
LETTERS = ascii_letters + digits


def some(random: Random, length: int, signs: str = LETTERS) -> str:
    return "".join(random.choices(signs, k=length))


def secrets_of_our_own(random: Random) -> list[str]:
    """One of each; put together here, so that nobody takes this file for a leak."""
    return [
        "xoxb" + f"-{some(random, 12, digits)}-{some(random, 24)}",
        "gh" + f"p_{some(random, 36)}",
        "AKI" + f"A{some(random, 16, 'ABCDEFGHJKLMNPQ234567')}",
        "sk-ant-" + f"api03-{some(random, 93)}AA",
        "eyJhbGciOiJIUzI1NiJ9" + f".eyJzdWIiOiIxIn0.{some(random, 43)}",
        f"postgres://app:{some(random, 14)}@db.internal:5432/app",
        f"db_password: 1{some(random, 13)}",
        f"la contraseña es x7{some(random, 10)}",
        f"The password is\nx7{some(random, 10)}",
        f"Authorization: Bearer 7{some(random, 39)}",
        "-----BEGIN " + "PRIVATE KEY-----\nMIIEv\nQIBADA\n-----END " + "PRIVATE KEY-----",
    ]


def test_secrets_are_masked_wherever_they_stand() -> None:
    random = Random(7)
    for _ in range(20):
        for secret in secrets_of_our_own(random):
            for carrier in CARRIERS:
                shown = masked(carrier.format(secret), "[x]")
                assert "[x]" in shown
                assert secret[-12:] not in shown


@pytest.mark.parametrize("platform", ["discord", "slack"])
def test_a_secret_in_pieces_is_masked_whole(platform: str) -> None:
    gate = Egress(platform)
    token = "xoxb" + "-1234567890-1234567890-" + "abcdefghijkl"
    for written in (
        token.replace("-1234567890-ab", "-**1234567890**-ab"),
        token.replace("-", r"\-"),
        token.replace("-1234567890-a", r"-1234567890\-a"),
        "the **password:** `x7hunter2go`",
    ):
        shown = gate.markdown(f"Use {written} for it.")
        assert "[secret removed]" in shown
        assert "hunter2" not in shown
        assert "abcdefghijkl" not in shown


def alphabet(ranges: str) -> str:
    spans = re.findall(r"(.)-(.)", ranges)
    whole = "".join(chr(c) for low, high in spans for c in range(ord(low), ord(high) + 1))
    return whole + re.sub(r".-.", "", ranges)


@pytest.mark.skipif(not FORMATS.exists(), reason="there is no ../shared/data/security/own")
@pytest.mark.parametrize("platform", ["slack", "discord", "terminal"])
def test_a_secret_beside_its_name_in_a_place_of_its_own_is_masked(platform: str) -> None:
    secret = f"x7{some(Random(7), 10)}"
    for text in (
        f"| what | value |\n|---|---|\n| DB password | `{secret}` |\n| rooms | 12 |",
        f"| host | API key |\n|---|---|\n| example | {secret} |",
        f"- la clave:\n- **{secret}**",
        f"### API token\n\n{secret}",
        f"Contraseña\n\n```\n{secret}\n```",
        f"| Password (VPN) |\n|---|\n| {secret}99!, {secret}. |",
        f"Password:\n\n- {secret}\n- and more",
        f"Password:\n\n1. `{secret}`",
        f"The token:\n\n> {secret}!",
    ):
        shown = Egress(platform).markdown(text)
        assert secret not in shown
        assert "[secret removed]" in shown.replace("\\", "")
    for text in (
        "| token | use |\n|---|---|\n| Qwen2.5 | per word |",
        "## Token\n\nGPT4Turbo reads",
    ):
        assert "removed" not in Egress(platform).markdown(text)


def test_nearly_every_known_format_is_masked() -> None:
    formats = json.loads(FORMATS.read_text(encoding="utf-8"))
    random = Random(11)
    shown = [
        masked(carrier.replace("{}", made(form["parts"], random)), "[x]")
        for form in formats["formats"]
        for carrier in formats["carriers"]
        for _ in range(10)
    ]
    assert sum("[x]" in text for text in shown) >= 0.95 * len(shown)


def made(parts: list[str | list[str | int]], random: Random) -> str:
    return "".join(
        part if isinstance(part, str) else some(random, int(part[1]), alphabet(str(part[0])))
        for part in parts
    )


def test_ordinary_lines_are_left_alone() -> None:
    files = [*(ROOT / "docs").glob("*.md"), *(ROOT / "knowledge").rglob("*.md"), ROOT / "README.md"]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    wrong = [line for line in lines if masked(line, "[x]") != line]
    assert len(lines) > 1000
    assert len(wrong) <= 0.005 * len(lines), wrong


@pytest.mark.parametrize(
    "line",
    [
        "the password is required and documented",
        "password: changeme",
        "La clave es obligatoria desde 2024",
        "password = settings(DB_PASSWORD1)",
        "commit 3f9c1d2e4b5a69788796a5b4c3d2e1f001122334",
        "postgresql://USER:PASSWORD@HOST/DATABASE",
        "src/components/Header/NavigationBar2Test",
        "token: 12345678",
    ],
)
def test_what_only_looks_like_a_secret_stays(line: str) -> None:
    assert masked(line, "[x]") == line


def test_a_secret_written_with_entities_or_in_an_allowed_address() -> None:
    secret = "gh" + "p_" + "a1B2" * 9
    assert secret not in Egress("discord").markdown(secret.replace("_", "&#95;"))
    url = f"https://wiki.example.test/{'a1B2' * 10}"
    assert url in Egress("discord").markdown(f"see {url}", links=[url])
