"""What was done is said by who has done it, and by nobody who only looked something up."""

import pytest

from knowledge.articles import RESULT, Audience, Chunk
from pipelines.citing import cite
from pipelines.coverage import SoftCoverage
from pipelines.done_claims import claimed, is_told_on
from tests.pipelines.test_flag_claims import coverage

__all__ = ["coverage"]
CANCEL, CANCELA = "Cancel my booking of Tejo.", "Cancela mi reserva de Tejo."


@pytest.mark.parametrize(
    ("question", "sentence", "verb"),
    [
        (CANCEL, "The booking B7 was cancelled.", "cancelled"),
        (CANCEL, "I have now cancelled it.", "cancelled"),
        (CANCEL, "I cancelled the booking.", "cancelled"),
        (CANCEL, "I'll cancel it.", "cancel"),
        (CANCELA, "He cancelado la reserva.", "cancelado"),
        (CANCELA, "La reserva está cancelada.", "cancelada"),
        (CANCELA, "Cancelé la reserva.", "Cancelé"),
        ("Pide 3 lámparas", "Están pedidas 3 lámparas.", "pedidas"),
        ("Pide 3 lámparas", "He pedido 3 lámparas.", "pedido"),
        ("Order lamps", "Done: they are on order.", "Done"),
        ("Can you cancel it?", "It has been cancelled.", "cancelled"),
        ("Could you please book Tejo?", "Tejo is booked.", "booked"),
        ("¿Puedes reservar Duero?", "Duero queda reservada.", "reservada"),
        ("Remind me to ask Marta", "A reminder is set: ask Marta.", "set"),
        ("Write to Anna Gray", "I have written to Anna Gray.", "written"),
        ("Who is Anna?", "I have told Anna.", "told"),
        ("", "Te recordaré la reunión.", "recordaré"),
        ("", "Acabo de enviarlo.", "enviarlo"),
        ("", "Voy a escribirle.", "escribirle"),
        ("", "Ya lo he escrito.", "escrito"),
    ],
)
def test_a_claim_of_doing_is_told_by_its_form(question: str, sentence: str, verb: str) -> None:
    assert verb in claimed(sentence, question)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How many days?", "Everybody has 27 days of paid leave."),
        ("when are invoices sent", "Invoices are sent on Fridays."),
        ("Is it paid?", "The invoice is paid."),
        ("¿Está pagada la factura?", "La factura está pagada."),
        ("Dime qué se decidió", "Se ha decidido cerrar en agosto."),
        ("Can I cancel a booking?", "Bookings are cancelled in the calendar."),
        ("Cancel what?", "I need the number of the booking."),
        (CANCEL, "I have found two bookings."),
        (CANCELA, "He visto dos reservas."),
        ("¿Quién las pidió?", "Ana pidió las lámparas."),
        ("Who is he?", "He worked in Madrid."),
        ("¿Y el café?", "El café está en la cocina."),
        ("¿Y José?", "Te ayudó José."),
        ("Who is he?", "He also works on Fridays, and he never travels."),
        ("What did he do?", "He wrote to the tax office."),
        ("¿Dónde?", "Aquí está la llave, y allí el puré."),
        (CANCELA, "Así se hace: José tiene café."),
    ],
)
def test_what_is_told_of_others_or_was_asked_is_none(question: str, sentence: str) -> None:
    assert claimed(sentence, question) == []


def test_what_is_always_so_may_be_read_on_a_page_and_what_was_done_only_in_its_words() -> None:
    assert is_told_on(PAGE, "Bookings are cancelled in the calendar.", CANCEL)
    assert not is_told_on(PAGE, "The booking was cancelled.", CANCEL)
    assert not is_told_on(PAGE, "I have cancelled it.", CANCEL)
    assert not is_told_on(PAGE, "A reminder is set: ask Marta.", "Remind me to ask Marta")
    assert is_told_on("The party was cancelled.", "The party was cancelled.", CANCEL)


BOOKING = '[{"booking": "B7", "room": "Tejo", "day": "2026-11-25", "status": "confirmed"}]'
CANCELLING = "Cancel my booking of Tejo on 25 November."
PAGE = "Bookings are cancelled in the calendar. Ask Marta Ruiz two weeks before."


@pytest.mark.parametrize(
    ("called", "text", "question", "answer", "holds"),
    [
        ("my_bookings()", BOOKING, CANCELLING, "The booking B7 of Tejo was cancelled.", False),
        ("my_bookings()", BOOKING, CANCELLING, "He cancelado la reserva B7 de Tejo.", False),
        ("my_bookings()", BOOKING, CANCELLING, "The booking B7 of Tejo is confirmed.", True),
        ("cancel_booking()", "B7", CANCELLING, "The booking B7 was cancelled.", True),
        ("cancel_booking()", "Booking B7 is cancelled.", "Cancela B7", "Está cancelada B7.", True),
        ("", PAGE, CANCELLING, "Bookings are cancelled in the calendar.", True),
        ("", PAGE, CANCELLING, "The booking of Tejo was cancelled in the calendar.", False),
        ("", PAGE, "Tell Marta Ruiz", "I have asked Marta Ruiz two weeks before.", False),
        ("", PAGE, "Who is to be asked?", "Marta Ruiz is asked two weeks before.", True),
        ("", PAGE, "Who is to be asked?", "Pedro must be asked two weeks before.", False),
    ],
)
async def test_nothing_is_said_to_be_done_that_no_call_has_done(
    coverage: SoftCoverage, called: str, text: str, question: str, answer: str, *, holds: bool
) -> None:
    source = f"{RESULT}tool" if called else "pages"
    chunk = Chunk(source, source, 0, called, text, language="", audience=Audience.of("everyone"))
    cited = await cite(answer, question=question, chunks=[chunk], coverage=coverage)
    assert bool(cited.text) is holds
