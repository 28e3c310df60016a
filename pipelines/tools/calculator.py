"""Arithmetic: an expression is parsed, never run."""

import ast
import operator
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, Inexact, Overflow, localcontext
from typing import Annotated

from pipelines.expressions import NO_ARITHMETIC, PERCENT, in_pythons_grammar, readable
from pipelines.tool import Caller, CannotError, tool

MOST_POWER, LARGEST_BASE = 1_000, Decimal(10) ** 9
DIGITS = 60
"""Computed with; all of a whole number is shown up to here."""
MOST_DECIMALS, MOST_PLACES = 10, 20
NO_RESULT = "It has no result."


def _is_cut(one: Decimal, other: Decimal) -> bool:
    """Whether decimals cut the quotient where all others round down: it is below 0, not whole."""
    rest = one % other
    return bool(rest) and (rest < 0) != (other < 0)


_BINARY: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda one, other: one // other - _is_cut(one, other),
    ast.Mod: lambda one, other: one % other + other * _is_cut(one, other),
    ast.Pow: operator.pow,
}


@tool
def calculate(
    expression: Annotated[str, "such as (12.5 + 3) * 2 or 19% of 250; sqrt, min, max, round"],
    caller: Caller,
) -> str:
    """The result of a calculation with numbers."""
    text = readable(expression, caller.language)
    with localcontext(prec=DIGITS) as context:
        context.clear_flags()
        value = _value(text)
        if not value.is_finite():
            raise CannotError(NO_RESULT)
        is_exact = not context.flags[Inexact]
        return f"{text} {_result(value, is_exact=is_exact)}"


def _value(text: str) -> Decimal:
    try:
        plain = in_pythons_grammar(text)
        return _computed(ast.parse(plain, mode="eval").body, plain)
    except ZeroDivisionError as error:
        raise CannotError("Nothing can be divided by zero.") from error
    except Overflow as error:
        raise CannotError("The result is too large.") from error
    except ArithmeticError as error:
        raise CannotError(NO_RESULT) from error
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise CannotError(NO_ARITHMETIC) from error


def _computed(node: ast.expr, text: str) -> Decimal:
    match node:
        case ast.Constant():  # as it is written: Python has made something else of 0.1
            return Decimal(ast.get_source_segment(text, node) or "")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_computed(operand, text)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _computed(operand, text)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            found = _computed(left, text), _computed(right, text)
            return _combined(type(op), *found, is_percent=_is_percent(right))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_computed(one, text) for one in arguments))
    raise CannotError(NO_ARITHMETIC)


def _combined(
    op: type[ast.operator], left: Decimal, right: Decimal, *, is_percent: bool
) -> Decimal:
    if op is ast.Pow and (abs(right) > MOST_POWER or abs(left) > LARGEST_BASE):
        raise CannotError("The power is too large.")
    if op in {ast.Add, ast.Sub} and is_percent:
        right *= left  # 200 + 10 % is 220, as on every pocket calculator
    return _BINARY[op](left, right)


def _is_percent(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == PERCENT
    )


def _rounded(value: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    """To so many places, halves up, as people do."""
    if places != int(places) or abs(places) > MOST_PLACES:
        raise CannotError(f"It cannot be rounded to {places} places.")
    with localcontext():  # rounding on demand makes no result inexact
        return value.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


def _result(value: Decimal, *, is_exact: bool) -> str:
    """A number as people write it: no exponent, no zeros at the end, to two places as well."""
    if value.adjusted() >= DIGITS:
        return f"≈ {value:.{MOST_DECIMALS}E}"
    short = value
    if _decimals(value) > MOST_DECIMALS:
        short, is_exact = value.quantize(Decimal(1).scaleb(-MOST_DECIMALS), ROUND_HALF_UP), False
    if value and not short:
        return f"≈ {value:.{MOST_DECIMALS}E}"
    two = f" (rounded: {_plain(_rounded(value, Decimal(2)))})" if _decimals(short) > 2 else ""
    return f"{'=' if is_exact else '≈'} {_plain(short)}{two}"


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


_FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    "sqrt": Decimal.sqrt,
    "abs": abs,
    "min": min,
    "max": max,
    "round": _rounded,
    PERCENT: lambda value: value / 100,
}
