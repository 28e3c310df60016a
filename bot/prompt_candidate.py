"""Makes a candidate of a better prompt."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import chain, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.learning_candidate import Answering, Bench, folder_of, hashed
from bot.learning_material import Material
from bot.live import IN_PLACE_OF, in_place_now, prompt_place
from knowledge.candidate import Candidate
from knowledge.learning_examples import Example
from knowledge.text_files import write_whole
from pipelines.current import Casting
from pipelines.evaluation.cases import Case
from pipelines.learning.counterfactuals import Failing
from pipelines.learning.measuring import RIGHT
from pipelines.learning.prompt_search import Search, Variant, best, variants
from pipelines.learning.trainers import NoCandidateError

FEWEST = 4
"""Questions that a prompt is looked for with, beside the rows that stand in it."""


async def prompt_candidate(bench: Bench) -> Answering:
    """The best prompt that can be found, not yet measured by the gate.

    Raises:
        NoCandidateError: none is better than the one in use.
    """
    search = await _searched(bench)
    found = search.best
    shares = ", ".join(f"{name} {100 * score:.0f} %" for name, score in search.scores.items())
    if not found.header:
        raise NoCandidateError(
            f"of {len(search.scores)} versions none answered more rightly than the one in use "
            f"({shares}).",
            what_to_do="It is looked for again once people have put other answers right.",
        )
    persona = bench.now.persona.name
    place, text = prompt_place(persona), found.text(persona)
    in_place = await in_place_now(bench.app, place)
    # The same prompt is another candidate once there are other questions to measure it with.
    what = f"{in_place} {bench.known.made.id} {text}"
    name = f"{persona}-{sha256(what.encode()).hexdigest()[:12]}"
    file = folder_of(bench.app, name) / f"{persona}.md"
    write_whole(file, text)
    about = {
        IN_PLACE_OF: in_place,
        "set": bench.known.made.id,
        "what_is_new": found.name,
        "tried": shares,
        "rows": list(found.rows),
        "model": bench.now.model,
    }
    candidate = Candidate(name, place, str(file), hashed(file), about, "trained")
    bench.prompted = await casting_of(bench, file)  # what a tuned model must beat
    return Answering(candidate, bench.known.rows, bench.prompted)


async def _searched(bench: Bench) -> Search:
    shown, asked = _parted(bench.known)
    if len(asked) < FEWEST:
        raise NoCandidateError(
            f"{len(asked)} questions are too few to find one with; {FEWEST} are wanted.",
            what_to_do="Have more answers put right, and approve the rows.",
        )
    retriever = await bench.app.retriever()
    # Over the persona's own file: what was learnt before stands in the list of rows again.
    own = (await bench.app.cast.casting(bench.now.persona.name, learnt=False)).persona
    tried = await variants(own, shown, retriever.embedded)
    with TemporaryDirectory() as folder:
        castings = {one.name: await _tried(bench, one, Path(folder)) for one in tried}

        async def ask(variant: Variant, cases: Sequence[Case]) -> list[float]:
            bench.progress(f"{variant.name}: {len(cases)} questions")
            failing = [asked[one.id] for one in cases]
            results = await bench.asker.target(castings[variant.name], failing)
            return [one.scores.get(RIGHT, 0.0) for one in results]

        return await best(tried, [one.case for one in asked.values()], ask)


def _parted(known: Material) -> tuple[list[Example], dict[str, Failing]]:
    """Rows that may stand in a prompt, and questions that choose it: it would only repeat those.

    The questions go by turns: one that was answered wrongly, one that was liked.
    """
    rows = known.chosen.train
    shown = [one for one in rows if one.is_corrected][::2] or rows[::2]
    names = {one.id for one in shown}
    corrected = {one.id for one in rows if one.is_corrected}
    left = [one for one in known.known if one.row not in names]
    wrong = [one.failing for one in left if one.row in corrected]
    liked = [one.failing for one in left if one.row not in corrected]
    by_turns = chain.from_iterable(zip_longest(wrong, liked))
    return shown, {one.case.id: one for one in by_turns if one}


async def _tried(bench: Bench, variant: Variant, folder: Path) -> Casting:
    if not variant.header:
        return bench.now
    text = variant.text(bench.now.persona.name)
    file = folder / f"{sha256(text.encode()).hexdigest()}.md"
    write_whole(file, text)
    return await casting_of(bench, file)


async def casting_of(bench: Bench, file: Path) -> Casting:
    """Who answers now, with the prompt of a file."""
    persona = await bench.app.cast.read(bench.now.persona.name, file)
    return Casting(persona, persona.model or bench.now.model)
