import pytest

from knowledge.conversations import Conversation, Message
from pipelines.follow_ups import points_back, together
from pipelines.retrieval import query_of
from tests.pipelines.small_knowledge import PUBLIC, asked


@pytest.mark.parametrize(
    "text",
    [
        "and abroad?",
        "And the deposit?",
        "what about the ground floor?",
        "how long is it?",
        "who signs it?",
        "can they come upstairs?",
        "How can I create one?",
        "Why?",
        "At what time?",
        "what does that mean?",
        "is there another way?",
        "I meant personal data, please",
        "ok, and in July?",
        "what are his working hours?",
        "how do I get there?",
        "¿y en verano?",
        "¿Y las mantas?",
        "pero ¿quién lo firma?",
        "¿cuándo hay que devolverla?",
        "¿a quién se las pido?",
        "¿cuánto tarda?",
        "¿y para socios?",
        "¿qué pasa con los sábados?",
        "¿hay otra?",
        "¿cuál es su teléfono?",
        "quería decir por la tarde",
        "¿Y eso por qué?",
        "¿Y él?",
        "",
        "?!",
    ],
)
def test_a_follow_up_says_so_itself(text: str) -> None:
    assert points_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "How many days of leave do I get?",
        "What is the guest wifi password?",
        "Is it allowed to smoke on the balcony?",
        "Is there parking at the office?",
        "e-bike price",
        "payslips",
        "Who is Delphine?",
        "What's the code for the steel cabinet this month?",
        "Where does everyone gather if there's a fire?",
        "Who has the key that opens the cellar?",
        "When did Victoria enact its constitution?",
        "¿Cuántos días de vacaciones tengo?",
        "¿Dónde está el extintor?",
        "¿Quién tiene la llave de las bicicletas?",
        "Si anulo cuatro días antes, ¿qué pasa con lo que he pagado?",
        "zuecos",
        "¿Cuándo abrimos esta semana la recepción?",
        "¿Quién es Onofre?",
    ],
)
def test_a_question_that_names_its_topic_stands_alone(text: str) -> None:
    assert not points_back(text)


def test_a_follow_up_takes_the_question_before_it_along() -> None:
    said = ["How much is an e-bike for a week?", "And the deposit?"]
    assert together(said) == said
    assert together([*said, "What is the wifi password?"]) == ["What is the wifi password?"]


def test_a_follow_up_of_a_follow_up_takes_both_along_but_not_a_whole_day() -> None:
    said = ["Where do volunteers sleep?", "and how long?", "¿y quién lo firma?", "and then?"]
    assert together(said[:3]) == said[:3]
    assert together(said) == said[1:]


@pytest.mark.parametrize("said", [[], ["and abroad?"], ["What is the wifi password?"]])
def test_the_first_thing_that_is_said_stays_as_it_is(said: list[str]) -> None:
    assert together(said) == said


def test_after_another_subject_a_question_is_searched_alone() -> None:
    days = "How many days of leave do I get?"
    assert query_of(asked("What is the guest wifi password?", days)) == days


def test_our_own_words_are_not_searched_for() -> None:
    said = (("t:ana", "How long may I keep a bike?"), ("tertulia", "Four hours."), ("t:bo", "why?"))
    messages = tuple(Message(str(n), author, text) for n, (author, text) in enumerate(said))
    query = query_of(Conversation("c", messages, PUBLIC))
    assert query == "How long may I keep a bike?\nwhy?"
