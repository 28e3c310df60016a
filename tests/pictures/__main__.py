"""`make pictures`: plays a scene on both chats and draws what was sent, into docs/pictures."""

from pathlib import Path

from tests.pictures.drawing import DISCORD, SLACK, drawn
from tests.pictures.playing import played

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    """Draw every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for page in played():
        look = DISCORD if page.name.startswith("discord") else SLACK
        (FOLDER / f"{page.name}.svg").write_text(drawn(page, look), encoding="utf-8")


if __name__ == "__main__":
    main()
