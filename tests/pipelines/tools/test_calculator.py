"""The calculator reads what people write in both languages, and runs nothing."""

import pytest

from knowledge.articles import Audience
from pipelines.tool import Caller, CannotError
from pipelines.tools.calculator import calculate


def result(expression: str, language: str = "en") -> str:
    caller = Caller("terminal:ana", Audience(), language=language)
    return str(calculate.function(expression=expression, caller=caller))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("(12.5 + 3) * 2", "(12.5 + 3) * 2 = 31"),
        ("2+2 =", "2+2 = 4"),
        ("0.1 + 0.2", "0.1 + 0.2 = 0.3"),
        ("-7 + +2", "-7 + +2 = -5"),
        ("3 - 3.00", "3 - 3.00 = 0"),
        ("-0.0", "-0.0 = 0"),
        ("007 * 2", "7 * 2 = 14"),
        (".5 * 4", "0.5 * 4 = 2"),
        ("10x10", "10 * 10 = 100"),
        ("2**100", "2**100 = 1267650600228229401496703205376"),
        ("2^10", "2**10 = 1024"),
        ("5² + 2³", "5**2 + 2**3 = 33"),
        ("3 × 4 ÷ 2 − 1", "3 * 4 / 2 - 1 = 5"),
        ("3 x 4", "3 * 4 = 12"),
        ("17 // 5 + 17 % 5", "17 // 5 + 17% 5 = 5"),
        ("-7 // 2", "-7 // 2 = -4"),
        ("(-7) % 2 + 7 // (-2)", "(-7)% 2 + 7 // (-2) = -3"),
        ("-8 // 2", "-8 // 2 = -4"),
        ("sqrt(16) + abs(-3)", "sqrt(16) + abs(-3) = 7"),
        ("max(1,5; 2)", "max(1.5, 2) = 2"),
        ("max(1,5)", "max(1, 5) = 5"),
        ("round(2.345, 2)", "round(2.345, 2) = 2.35"),
        ("round(2.5)", "round(2.5) = 3"),
        ("round(1234, -2)", "round(1234, -2) = 1200"),
        ("1.5e3 + 1", "1.5e3 + 1 = 1501"),
        ("1/8", "1/8 = 0.125 (rounded: 0.13)"),
        ("10/3", "10/3 ≈ 3.3333333333 (rounded: 3.33)"),
        ("1/10**12 + 1", "1/10**12 + 1 ≈ 1"),
        ("1/10**30", "1/10**30 ≈ 1.0000000000E-30"),
        ("10**70", "10**70 ≈ 1.0000000000E+70"),
        ("1e400", "1e400 ≈ 1.0000000000E+400"),
        ("٣ + ４", "3 + 4 = 7"),
        ("12 € * 3", "12 * 3 = 36"),
    ],
)
def test_what_it_computes(expression: str, said: str) -> None:
    assert result(expression) == said


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("21% of 350", "21% of 350 = 73.5"),
        ("21 per cent of the 350", "21% of the 350 = 73.5"),
        ("21 por ciento de 350", "21% de 350 = 73.5"),
        ("21 % de (300 + 50)", "21% de (300 + 50) = 73.5"),
        ("(20+1) % of 350", "(20+1)% of 350 = 73.5"),
        ("350 + 21%", "350 + 21% = 423.5"),
        ("350 - 10 %", "350 - 10% = 315"),
        ("10% * 3", "10% * 3 = 0.3"),
        ("50 ％", "50% = 0.5"),
    ],
)
def test_percent_is_what_people_mean(expression: str, said: str) -> None:
    assert result(expression) == said


@pytest.mark.parametrize(
    ("expression", "english", "spanish"),
    [
        ("12,5 * 3", "12.5 * 3 = 37.5", "12.5 * 3 = 37.5"),
        ("1,250 * 2", "1250 * 2 = 2500", "1.250 * 2 = 2.5"),
        ("1.250 * 2", "1.250 * 2 = 2.5", "1250 * 2 = 2500"),
        ("1.250,75 + 1", "1250.75 + 1 = 1251.75", "1250.75 + 1 = 1251.75"),
        ("1,250.75 + 1", "1250.75 + 1 = 1251.75", "1250.75 + 1 = 1251.75"),
        ("1.250.000 / 2", "1250000 / 2 = 625000", "1250000 / 2 = 625000"),
        ("1.350 * 0.21", "1.350 * 0.21 = 0.2835 (rounded: 0.28)", "1350 * 0.21 = 283.5"),
        ("12.5 * 1,250", "12.5 * 1250 = 15625", "12.5 * 1.250 = 15.625 (rounded: 15.63)"),
        ("0,125 * 8", "0.125 * 8 = 1", "0.125 * 8 = 1"),
        ("1 250 000 + 1", "1250000 + 1 = 1250001", "1250000 + 1 = 1250001"),
        ("1\u202f250 + 1", "1250 + 1 = 1251", "1250 + 1 = 1251"),
        (",5 + 1", "0.5 + 1 = 1.5", "0.5 + 1 = 1.5"),
    ],
)
def test_commas_and_points_are_read_as_they_are_meant(
    expression: str, english: str, spanish: str
) -> None:
    assert (result(expression, "en"), result(expression, "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("1/0", "divided by zero"),
        ("0/0", "no result"),
        ("5 // 0", "divided by zero"),
        ("5 % 0", "no result"),
        ("0 ** -1", "no result"),
        ("0 ** 0", "no result"),
        ("sqrt(-1)", "no result"),
        ("9**9**9", "power is too large"),
        ("9999999999 ** 2", "power is too large"),
        ("10**9 ** 2000", "power is too large"),
        ("1e999999 * 10", "too large"),
        ("1e99999999999999999999 + 1", "no result"),
        ("round(1, 99)", "cannot be rounded to 99"),
        ("round(1, 0.5)", "cannot be rounded to 0.5"),
        ("1+" * 150 + "1", "longer than 200"),
        ("1,2,3 + 4", "The number 1,2,3 can be read in no way"),
        ("1,25.5.1", "can be read in no way"),
        ("12.34,567.8", "can be read in no way"),
        ("", "no arithmetic"),
        ("1 +", "no arithmetic"),
        ("1 2", "no arithmetic"),
        ("(" * 190, "no arithmetic"),
        ("1or 2", "no arithmetic"),
        ("1..real", "no arithmetic"),
        ("0x1F", "0x1F are not read"),
        ("1_000", "no arithmetic"),
        ("3j * 2", "no arithmetic"),
        ("True + 1", "no arithmetic"),
        ("__import__('os').system('id')", "no arithmetic"),
        ("(1).__class__", "no arithmetic"),
        ("min()", "no arithmetic"),
        ("sqrt(1, 2)", "no arithmetic"),
        ("3(4)", "no arithmetic"),
        ("max", "no arithmetic"),
        ("max(*(1, 2))", "no arithmetic"),
        ("(1, 2)", "no arithmetic"),
        ("½ + 1", "no arithmetic"),
        ("0x10", "0x1F are not read"),
        ("2 * 0XFF", "0x1F are not read"),
        ("un poco + 2", "no arithmetic"),
        ("'a' * 99", "no arithmetic"),
        ("1" * 199 + "!", "no arithmetic"),
    ],
)
def test_what_has_no_result_is_told(expression: str, words: str) -> None:
    with pytest.raises(CannotError, match=words):
        result(expression)
