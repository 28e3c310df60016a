"""Whether follow-ups are found better in the model's own words: nDCG@10 on MTRAG-UN.

The later turns of MTRAG-UN that have an answer (English, 560 passages), {sample} of them, spread
evenly. `last turn` and `two turns` are searched as they were said, `joined` is what is searched
without a model (the turns that a follow-up needs). `reworded` is the model's question alone, and
`both` is the search of both as `tertulia` makes it where it asks the model. *Faithful*: the model
wrote a question that invents nothing; where it did not, `joined` is searched alone. Goals: at least
1.06 times the last turn, and not below two turns. The model is too small to help, so `tertulia`
does not ask it and searches `joined`: .894 on all 169 later turns, where the last turn alone has
.865 and two turns have .883 (`bench_followups.py`), 1.03 times the last turn. Larger models ran
nowhere here.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from statistics import mean

import numpy as np

from knowledge.conversations import Conversation, Message
from knowledge.history import OURSELVES
from pipelines.evaluation.intervals import bootstrap_difference
from pipelines.follow_ups import together
from pipelines.fusing import fused
from pipelines.models import ChatModel
from pipelines.ranking import Candidate
from pipelines.retrieval import Retriever
from pipelines.rewriting import asked, is_faithful
from tests.benchmarks.bench_followups import mtrag_passages, mtrag_rows
from tests.benchmarks.datasets import READER, RememberingEmbedder, indexed, ndcg
from tests.benchmarks.library import model_named, tell
from tests.benchmarks.report import judged, table

MODELS = ("embedded:qwen2.5-coder-1.5b",)
SAMPLE = 30
GOAL = 1.06
WAYS = ("last turn", "two turns", "joined", "reworded", "both")


def measure(sample: int = SAMPLE) -> str:
    """The section of docs/benchmarks.md."""
    rows = [asyncio.run(_row(name, sample)) for name in MODELS]
    about = (__doc__ or "").split("\n\n", 1)[1].strip().format(sample=sample)
    head = ["nDCG@10", "dialogues", "faithful", *WAYS, "both by last turn", "goal"]
    return f"## Follow-ups in the model's words\n\n{about}\n\n{table(head, rows)}"


async def _row(name: str, sample: int) -> list[str]:
    conversations, gold = _dialogues(sample)
    async with model_named(name) as model:
        await model.start()
        texts = [await _worded(model, one) for one in conversations]
    scores: dict[str, list[float]] = {way: [] for way in WAYS}
    async with indexed(mtrag_passages(), RememberingEmbedder()) as (_, retriever):
        for conversation, text, pages in zip(conversations, texts, gold, strict=True):
            for way, found in (await _searched(retriever, conversation, text)).items():
                names = list(dict.fromkeys(c.chunk.article for c in found))
                scores[way].append(ndcg(names, pages))
    values = {way: mean(some) for way, some in scores.items()}
    share = values["both"] / values["last turn"]
    faithful = mean(bool(text) for text in texts)
    _tell_differences(scores)
    return [
        name.partition(":")[2],
        str(len(texts)),
        f"{faithful:.2f}",
        *(f"{value:.3f}" for value in values.values()),
        f"{share:.3f}",
        judged(share, at_least=GOAL),
    ]


def _dialogues(sample: int) -> tuple[list[Conversation], list[Sequence[str]]]:
    rows = mtrag_rows()
    count = min(sample, len(rows))
    chosen = [rows[n * len(rows) // count] for n in range(count)]
    conversations = []
    for row in chosen:
        messages = tuple(
            Message(
                str(n), "terminal:bench" if turn["speaker"] == "user" else OURSELVES, turn["text"]
            )
            for n, turn in enumerate(row["input"])
        )
        conversations.append(Conversation("bench", messages, READER))
    return conversations, [row["gold"] for row in chosen]


async def _worded(model: ChatModel, conversation: Conversation) -> str:
    """The model's question, without a time limit; empty where it is not faithful."""
    text = await asked(model, conversation)
    is_kept = is_faithful(text, conversation)
    tell(f"{'kept' if is_kept else 'refused'}: {conversation.question.text} > {text}")
    return text if is_kept else ""


async def _searched(
    retriever: Retriever, conversation: Conversation, text: str
) -> dict[str, list[Candidate]]:
    """What each way finds."""
    turns = [m.text for m in conversation.messages if m.author != OURSELVES]
    joined = await _found(retriever, together(turns))
    reworded = await _found(retriever, [text]) if text else joined
    copies = ([replace(c) for c in some] for some in (joined, reworded))
    return {
        "last turn": await _found(retriever, turns[-1:]),
        "two turns": await _found(retriever, turns[-2:]),
        "joined": joined,
        "reworded": reworded,
        "both": fused(*copies) if text else joined,
    }


async def _found(retriever: Retriever, turns: Sequence[str]) -> list[Candidate]:
    search = await retriever.candidates("\n".join(turns), "en", reader=READER)
    return list(search.candidates)


def _tell_differences(scores: dict[str, list[float]]) -> None:
    """How sure the differences are, for whoever watches."""
    both = np.array(scores["both"])
    for way in WAYS[:-1]:
        low, high = bootstrap_difference(np.array(scores[way]), both)
        tell(f"both less {way}: {low:+.3f} to {high:+.3f}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:] if word.isdigit()]
    sys.stdout.write(measure(*given[:1]))
