"""A question on Slack on loopback, and what is ours and calls there."""

from dataclasses import dataclass

from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errands import Errands
from bot.platforms.slack.posting import fingerprint
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.threads import Threads
from bot.platforms.slack.workspaces import Workspaces
from bot.posts import Link, Post
from knowledge.turn import Turn
from tests.fakes.slack_place import Place

POST = Post("The answer [1].", "en", "T-AAAA", (Link(1, "Leave", "https://a.example/", "q"),))
WORDS = "\n\n".join(f"Paragraph {n} has some words to fill the page." * 5 for n in range(150))
LONG = Post(WORDS, "en", "T-AAAA")


@dataclass(kw_only=True)
class Asked(Place):
    """A workspace with a question in it, and what is ours there."""

    workspaces: Workspaces
    calls: Calls

    @property
    def spot(self) -> Spot:
        """The question as we know it."""
        return Spot(self.team.team_id, self.channel, self.ana.user_id, self.message.ts)

    def threads(self) -> Threads:
        """A new process, as it were."""
        return Threads(self.workspaces, Errands(), self.clock)

    def turn(self, spot: Spot | None = None) -> Turn:
        """The question as it is kept."""
        spot = spot or self.spot
        return Turn("slack", (spot.key,), spot.conversation, spot.author, "?", spot.place)

    def texts(self) -> list[str]:
        """What stands below the question."""
        return self.general.transcript().texts()[1:]


async def stands(threads: Threads, spot: Spot, post: Post) -> str:
    """What a post is called that stands there as a whole."""
    return (await threads.found(spot)).of(spot, fingerprint(post)).posted_as
