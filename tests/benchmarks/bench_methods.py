"""Methods side by side: one task, one model, four ways to tune it.

`{model}` is to tell whether a sentence is grammatical: sentences about an office, in English and
Spanish, made up from a seed (`tests/benchmarks/acceptability.py`; no public set is at hand that may
be kept here). Three in ten break one of five rules. What measures shares neither a frame nor a noun
with what is learnt. From {learnt} sentences, other ones with each of {seeds} seeds, every method
learns in a process of its own, as a job is done, after a dry run; a fifth of them is held out. The
merged Q8_0 file is served by llama.cpp and says `Yes` or `No` of the same {asked} unseen sentences:
a grammar lets it say nothing else, and nothing is left to chance.

`full` and `LoRA` learn the answer to the bare sentence, `pattern` to a question in words. In
context distillation the teacher is the same model behind a prompt that explains the rules and shows
eight sentences; its pupil gets the question in words and learns what the teacher says rightly.
Every row is seen {epochs} times, {batch} in a step; the learning rates are those of the section on
LoRA and full tuning. CPU seconds are of the whole job, loading and the teacher's writing included,
the dry run not.

A **collapsed** classifier says the same of everything: its accuracy is the share of that class, and
Matthews' coefficient (MCC) is 0 whatever the accuracy. `said most` is the share of the answer that
it gave more often. Over the seeds the median, in brackets the smallest and the largest.

The published figures are of another model on other sentences: OPT-125M on CoLA, the best run of a
search, in Ratan, Knight, Jerfel and Ho, "Optimizing Language Models for Grammatical Acceptability",
arXiv 2501.07853 (2025). The majority is about .69 there, and they tell neither MCC nor seeds. .310
is what "always unacceptable" scores on CoLA (.307 and .314 on its two sets), so we take it for a
collapsed classifier; .637 is below the majority.
"""

import asyncio
import json
import resource
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from knowledge.hashing import sha256_of
from pipelines.learning import publishing
from pipelines.learning.trainers import Job, JobRefusedError, TrainingFailedError
from pipelines.learning.trainers.process import dry_run, train
from pipelines.learning.tuning.naming import TEXT, figures_of
from pipelines.models.catalogue import EmbeddedModel, entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.openai_compatible import OpenAICompatibleChatModel
from tests.benchmarks.acceptability import LEARNT, MEASURING, Sentence, sentences
from tests.benchmarks.models import fetched_here
from tests.benchmarks.report import SkippedError, spread, table

MODEL = "smollm2-135m"
LEARN, ASK, SEEDS = 160, 120, 3
QUESTION = f"{TEXT}\n\nIs this sentence grammatical? Say Yes or No."
BARE = TEXT
EXPLAINED = (
    "You check the grammar of sentences in English and Spanish and say Yes where one is right, No "
    "where it is not. The verb agrees with its subject, an article with its noun; articles come "
    "before nouns; no word is missing or stands there twice; every verb has its right form."
)
YES, NO = "Yes", "No"
EITHER = f'root ::= "{YES}" | "{NO}"'
# Held out as much as `distil` does: a fifth.
SETTINGS = {"batch": 8, "at_once": 8, "epochs": 1, "held_out": 0.2, "greedy": 0}
SMALL_RATE, FULL_RATE = 1e-3, 5e-5
PUBLISHED = "full .812, pattern .637, context distillation .310"
ASKED = sentences(MEASURING, ASK, "measuring")


@dataclass(frozen=True, slots=True)
class Method:
    """One way to tune.

    Attributes:
        asks: how a sentence is put to the model.
    """

    name: str
    trainer: str
    asks: str
    settings: dict[str, Any]


METHODS = (
    Method("full", "full", BARE, {"learning_rate": FULL_RATE}),
    Method("LoRA", "sft_lora", BARE, {"learning_rate": SMALL_RATE}),
    Method("pattern", "pattern", QUESTION, {"learning_rate": SMALL_RATE, "pattern": QUESTION}),
    Method(
        "context distillation",
        "distil",
        QUESTION,
        {"learning_rate": SMALL_RATE, "grader": "answer", "answer_tokens": 8},
    ),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one method with one seed.

    Attributes:
        figures: `accuracy`, `mcc` and `most`; empty where nothing came of it.
        refusal: the words with which it was refused; mostly empty.
    """

    cpu_s: float
    figures: dict[str, float]
    refusal: str = ""


def measure() -> str:
    """The untrained model, then all methods with all seeds."""
    if find_spec("torch") is None:
        raise SkippedError("the extra `learn` is not installed")
    about = (__doc__ or "").split("\n", 2)[2]
    about = about.format(model=MODEL, learnt=LEARN, asked=ASK, seeds=SEEDS, **SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        return f"## Methods side by side\n\n{about}\n\n{asyncio.run(_measured(Path(folder)))}"


async def _measured(home: Path) -> str:
    models = await fetched_here(MODEL)
    untrained = [
        await _served(entry(MODEL), models, QUESTION, prompt) for prompt in ("", long_prompt())
    ]
    tried = dict[str, list[Tried]]()
    for seed in range(SEEDS):
        for method in METHODS:
            tried.setdefault(method.name, []).append(await _tried(method, seed, home, models))
    return _section([Tried(0, figures) for figures in untrained], tried)


def _section(untrained: Sequence[Tried], tried: Mapping[str, Sequence[Tried]]) -> str:
    right = sum(not one.broken for one in ASKED) / ASK
    rows: list[list[object]] = [["always `Yes`, the majority", f"{right:.3f}", "0", "1.00", ""]]
    for name, one in zip(("untrained", "untrained, as the teacher"), untrained, strict=True):
        rows.append([name, *_told([one]), ""])
    for name, some in tried.items():
        rows.append([name, *_told(some), spread([one.cpu_s for one in some], 0)])
    rows.append(["published, see above", PUBLISHED, "not told", "not told", ""])
    refusals = [
        f"- {name}, seed {seed}: {one.refusal}"
        for name, some in tried.items()
        for seed, one in enumerate(some)
        if one.refusal
    ]
    return table(["", "accuracy", "MCC", "said most", "CPU s"], rows) + _refused(refusals)


def long_prompt() -> str:
    """What the teacher reads: the rules, and four sentences of each class."""
    some = sentences(LEARNT, 60, "shown")
    right, wrong = [one for one in some if not one.broken], [one for one in some if one.broken]
    shown = [one for two in zip(right[:4], wrong[:4], strict=True) for one in two]
    return "\n".join([EXPLAINED, *(f"{one.text} -> {_answer(one)}" for one in shown)])


async def _tried(method: Method, seed: int, home: Path, models: Path) -> Tried:
    job = _job(method, seed, home, models / entry(MODEL).file)
    began = _children_s()
    try:
        if seed == 0:
            _check((await dry_run(job)).problems)
            began = _children_s()
        await train(job)
    except (JobRefusedError, TrainingFailedError) as error:
        return Tried(_children_s() - began, {}, str(error))
    cpu_s = _children_s() - began
    path = await publishing.write_merged(job.folder, job.folder.with_suffix(".gguf"))
    model = replace(
        entry(MODEL),
        name=path.stem,
        file=path.name,
        size=path.stat().st_size,
        sha256=sha256_of(path),
    )
    return Tried(cpu_s, await _served(model, home, method.asks, ""))


def _check(problems: Sequence[str]) -> None:
    if problems:
        raise JobRefusedError(problems[0], what_to_do="")


def _job(method: Method, seed: int, home: Path, base: Path) -> Job:
    rows = home / f"{method.trainer}-{seed}.jsonl"
    some = sentences(LEARNT, LEARN, f"learnt {seed}")
    lines = [json.dumps(_row(method, one), ensure_ascii=False) + "\n" for one in some]
    rows.write_text("".join(lines), encoding="utf-8")
    settings = {**SETTINGS, **method.settings}
    if method.trainer == "distil":
        settings["long_prompt"] = long_prompt()
    return Job(method.trainer, base, rows, rows.with_suffix(""), settings, seed)


def _row(method: Method, one: Sentence) -> dict[str, Any]:
    if method.trainer == "pattern":
        return {"text": one.text, "label": _answer(one)}
    asked = {"role": "user", "content": method.asks.replace(TEXT, one.text)}
    return {"messages": [asked, {"role": "assistant", "content": _answer(one)}]}


def _answer(one: Sentence) -> str:
    return NO if one.broken else YES


async def _served(model: EmbeddedModel, folder: Path, asks: str, prompt: str) -> dict[str, float]:
    """What a model says of all sentences, against what is right."""
    served = embedded_chat_model(model, folder)
    try:
        said = [await _said(served, asks.replace(TEXT, one.text), prompt) for one in ASKED]
    finally:
        await served.stop()
    found = figures_of([one == YES for one in map(_answer, ASKED)], [one == YES for one in said])
    most = max(Counter(said).values()) / len(said)
    return {"accuracy": found["accuracy"], "mcc": found["mcc"], "most": most}


async def _said(model: OpenAICompatibleChatModel, text: str, prompt: str) -> str:
    client, endpoint = await model.connection()
    system = [{"role": "system", "content": prompt}] if prompt else []
    answer = await client.chat.completions.create(
        model=model.model,
        messages=[*system, {"role": "user", "content": text}],  # type: ignore[list-item]
        max_tokens=4,
        temperature=0.0,
        extra_body={**endpoint.extra, "grammar": EITHER},
    )
    return answer.choices[0].message.content or ""


def _told(tried: Sequence[Tried]) -> list[str]:
    figures = [one.figures for one in tried if one.figures]
    if not figures:
        return ["refused", "", ""]
    few = f", {len(figures)} of {len(tried)} seeds" if len(figures) < len(tried) else ""
    accuracy, mcc, most = ([one[name] for one in figures] for name in ("accuracy", "mcc", "most"))
    if len(tried) == 1:
        return [f"{accuracy[0]:.3f}", f"{mcc[0]:.2f}", f"{most[0]:.2f}"]
    return [spread(accuracy, 3) + few, spread(mcc), spread(most)]


def _refused(refusals: Sequence[str]) -> str:
    return "\nRefused:\n\n" + "\n".join(refusals) + "\n" if refusals else ""


def _children_s() -> float:
    """CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
