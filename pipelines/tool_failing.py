"""What went wrong with a tool: in words for the model, and by a name for people's own language."""

from collections.abc import Awaitable

import structlog

from knowledge.errors import AskerError, TertuliaError
from pipelines.tool import Tool
from pipelines.tool_call import Call, Outcome
from pipelines.tool_caller import PerhapsDoneError
from pipelines.tool_running import TooLongError
from pipelines.tool_words import cut

FAILED = "It failed; whoever runs Tertulia finds out why in the log."
log = structlog.get_logger(__name__)


async def whatever_comes(known: Tool, call: Call, work: Awaitable[Outcome]) -> Outcome:
    """What comes of a call; a tool is anybody's code, and whoever asked still gets an answer."""
    try:
        return await work
    except TooLongError:
        log.warning("a tool took too long", tool=known.name, seconds=known.within_s)
        text = f"It did not answer within {known.within_s:g} s."
        # Its thread, or the server behind it, may still be at it.
        return Outcome(call, "failed", text, fault="too-long", perhaps_done=True)
    except AskerError as error:  # in words for whoever asked
        log.info("a tool refused", tool=known.name, kind=error.kind)
        is_open = isinstance(error, PerhapsDoneError)
        return Outcome(call, "failed", cut(str(error)), perhaps_done=is_open)
    except TertuliaError as error:
        log.warning("a tool failed", tool=known.name, kind=error.kind, error=str(error))
        is_open = isinstance(error, PerhapsDoneError)
    except Exception as error:  # wherever in its work that was
        log.exception("a tool failed", tool=known.name, error=type(error).__name__)
        is_open = True
    return Outcome(call, "failed", FAILED, fault="broken", perhaps_done=is_open)
