"""How long what may be: content, embeds, mentions."""

from tests.fakes.discord.errors import Json, check_count, check_length, invalid

CONTENT = 2000
FILE_BYTES = 10 * 1024 * 1024
EMBED = {"title": 256, "description": 4096}


def check_content(content: object) -> None:
    """Refuse a text of more than 2,000 characters."""
    check_length("content", content, CONTENT)


def check_embeds(embeds: object) -> None:
    """Refuse embeds that are too many or too long."""
    listed = check_count("embeds", embeds, 10)
    total = sum(_check_embed(f"embeds.{place}", embed) for place, embed in enumerate(listed))
    if total > 6000:
        text = "Embed size exceeds maximum size of 6000"
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", text)


def _check_embed(where: str, embed: Json) -> int:
    """The characters of an embed, if each part is short enough."""
    texts: list[tuple[str, str, int]] = [
        (key, embed.get(key) or "", limit) for key, limit in EMBED.items()
    ]
    texts.append(("footer.text", (embed.get("footer") or {}).get("text", ""), 2048))
    texts.append(("author.name", (embed.get("author") or {}).get("name", ""), 256))
    for place, field in enumerate(check_count(f"{where}.fields", embed.get("fields", []), 25)):
        texts.append((f"fields.{place}.name", field.get("name", ""), 256))
        texts.append((f"fields.{place}.value", field.get("value", ""), 1024))
    for key, text, limit in texts:
        check_length(f"{where}.{key}", text, limit)
    return sum(len(text) for _, text, _ in texts)


def check_allowed_mentions(allowed: Json) -> None:
    """Refuse lists that contradict each other, as Discord does."""
    parse = check_count("allowed_mentions.parse", allowed.get("parse") or [], 3)
    for key in ("users", "roles"):
        listed = check_count(f"allowed_mentions.{key}", allowed.get(key) or [], 100)
        if listed and key in parse:
            text = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            raise invalid("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
