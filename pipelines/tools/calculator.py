"""Arithmetic: an expression is parsed, never run."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import Annotated

from pipelines.tool import CannotError, tool

LONGEST = 200
"""Characters of an expression."""
MOST_POWER = 1_000
DIGITS = 28
_BINARY: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    "sqrt": Decimal.sqrt,
    "abs": abs,
    "min": min,
    "max": max,
    "round": lambda value, digits=Decimal(0): round(value, int(digits)),
}


@tool
def calculate(
    expression: Annotated[str, "such as (12.5 + 3) * 2 or 19 % of 250; sqrt, min, max, round"],
) -> str:
    """The exact result of a calculation with numbers."""
    with localcontext(prec=DIGITS):
        return f"{expression.strip()} = {_written(_value(_parsed(expression)))}"


def _parsed(expression: str) -> ast.expr:
    text = expression.strip().replace("^", "**").replace("×", "*").replace("÷", "/")
    text = text.replace("% of ", "/100*").replace("% de ", "/100*")
    if len(text) > LONGEST:
        raise CannotError(f"It is longer than {LONGEST} signs.")
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotError("It is no arithmetic.") from error


def _value(node: ast.expr) -> Decimal:
    try:
        return _computed(node)
    except (DivisionByZero, InvalidOperation, Overflow, ArithmeticError) as error:
        raise CannotError("It has no result.") from error


def _computed(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Decimal(repr(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_computed(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _computed(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _combined(type(op), _computed(left), _computed(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _applied(name, [_computed(one) for one in arguments])
    raise CannotError("It is no arithmetic.")


def _combined(op: type[ast.operator], left: Decimal, right: Decimal) -> Decimal:
    if op is ast.Pow and (abs(right) > MOST_POWER or abs(left) > Decimal(10) ** 9):
        raise CannotError("The power is too large.")
    return _BINARY[op](left, right)


def _applied(name: str, arguments: list[Decimal]) -> Decimal:
    try:
        return Decimal(_FUNCTIONS[name](*arguments))
    except TypeError as error:
        raise CannotError("It is no arithmetic.") from error


def _written(value: Decimal) -> str:
    """A number as people write it: no exponent, no zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
