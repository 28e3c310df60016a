"""The tools of the Spanish prompts in `spanish_calls.jsonl`: an office's, in both languages."""

from datetime import date, datetime
from typing import Annotated, Literal

from pipelines.tool import tool

Language = Literal["en", "es", "fr", "de"]


@tool
def weather(city: str, day: Literal["today", "tomorrow", "weekend"] = "today") -> str:
    """The weather forecast for a city."""
    return city + day


@tool
def convert_money(
    amount: float,
    currency: Annotated[str, "ISO code of that money"],
    into: Annotated[str, "ISO code of what it is converted into"],
) -> str:
    """Converts an amount of money at today's rate."""
    return f"{amount}{currency}{into}"


@tool
def free_rooms(day: date, people: Annotated[int, "how many must fit in"] = 1) -> str:
    """The meeting rooms that are free on a day."""
    return f"{day}{people}"


@tool
def buscar_empleado(nombre: Annotated[str, "nombre y apellido, o solo uno"]) -> str:
    """El teléfono y el correo de una persona de la empresa."""
    return nombre


@tool
def dias_de_vacaciones(empleado: str, anio: int) -> str:
    """Cuántos días de vacaciones le quedan a una persona en un año."""
    return f"{empleado}{anio}"


@tool
def order_status(order: Annotated[str, "such as P-1234"]) -> str:
    """Where an order is by now."""
    return order


@tool
def crear_incidencia(titulo: str, prioridad: Literal["baja", "media", "alta"] = "media") -> str:
    """Abre una incidencia para el equipo de informática."""
    return titulo + prioridad


@tool
def translate_word(word: str, into: Language) -> str:
    """A word in another language."""
    return word + into


@tool
def train_times(origin: str, destination: str, day: date | None = None) -> str:
    """When trains go from one city to another."""
    return f"{origin}{destination}{day}"


@tool
def calcular_iva(
    importe: Annotated[float, "sin IVA, en euros"], tipo: Annotated[int, "en tanto por ciento"] = 21
) -> str:
    """El IVA de un importe, y el total."""
    return f"{importe}{tipo}"


@tool
def remind_me(text: Annotated[str, "of what"], at: datetime) -> str:
    """Sets a reminder for whoever asks."""
    return f"{text}{at}"


@tool
def stock(product: str, warehouse: Literal["Madrid", "Sevilla", "Vigo"] | None = None) -> str:
    """How many pieces of a product are in store."""
    return f"{product}{warehouse}"


TOOLS = {
    one.name: one
    for one in (
        *(weather, convert_money, free_rooms, buscar_empleado, dias_de_vacaciones, order_status),
        *(crear_incidencia, translate_word, train_times, calcular_iva, remind_me, stock),
    )
}
