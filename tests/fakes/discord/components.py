"""Buttons, menus and Components V2: what may be sent, and what people read of it."""

from collections.abc import Collection, Iterable, Iterator

from tests.fakes.discord.errors import Json, check_count, check_length, invalid

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 17, 18, 19, 21, 22, 23
SELECTS = (STRING_SELECT, 5, 6, 7, 8)
TOP_V2 = (ROW, SECTION, TEXT_DISPLAY, GALLERY, FILE, SEPARATOR, CONTAINER)
TOP_MODAL = (ROW, TEXT_DISPLAY, LABEL)
WITH_CUSTOM_ID = (*SELECTS, TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
LINK, PREMIUM = 5, 6


def every(components: Iterable[Json]) -> Iterator[Json]:
    """All components, nested ones included."""
    for component in components:
        yield component
        yield from every(component.get("components", ()))
        yield from every(component[key] for key in ("accessory", "component") if component.get(key))


def texts_of(components: Iterable[Json]) -> list[str]:
    """What stands in text displays."""
    return [each["content"] for each in every(components) if each["type"] == TEXT_DISPLAY]


def lines_of(components: Iterable[Json]) -> list[str]:
    """What people read, in order: texts, and buttons in brackets, a row in a line."""
    lines: list[str] = []
    for component in components:
        kind = component["type"]
        if kind == TEXT_DISPLAY:
            lines.append(component["content"])
        elif kind == ROW:
            lines.append(" ".join(_label(each) for each in component["components"]))
        else:
            lines += lines_of(component.get("components", ()))
            lines += [_label(component["accessory"])] if component.get("accessory") else []
    return lines


def _label(component: Json) -> str:
    emoji = (component.get("emoji") or {}).get("name") or ""
    words = component.get("label") or component.get("placeholder") or ""
    shown = " ".join(part for part in (emoji, words) if part)
    return f"[{shown}]" if shown else ""


def with_ids(components: list[Json]) -> list[Json]:
    """The components as they are kept: each with a number of its own."""
    counter = iter(range(1, 1000))

    def numbered(component: Json) -> Json:
        kept = {"id": next(counter), **{k: v for k, v in component.items() if k != "id" or v}}
        if "components" in kept:
            kept["components"] = [numbered(each) for each in kept["components"]]
        for key in ("accessory", "component"):
            if kept.get(key):
                kept[key] = numbered(kept[key])
        return kept

    return [numbered(each) for each in components]


def check_message(components: object, *, is_v2: bool) -> None:
    """Refuse what may not stand in a message."""
    listed = check_count("components", components, 40 if is_v2 else 5)
    for place, component in enumerate(listed):
        if component.get("type") not in (TOP_V2 if is_v2 else (ROW,)):
            raise invalid(f"components.{place}.type", "UNION_TYPE_CHOICES", "Not a type for here.")
    everything = list(every(listed))
    if is_v2:
        _check_v2(everything)
    _check_each(everything)


def check_galleries(components: Iterable[Json], names: Collection[str]) -> None:
    """Refuse a gallery that is too large, or shows files which did not come with the message."""
    for component in (each for each in every(components) if each["type"] == GALLERY):
        for item in check_count("items", component.get("items"), 10, least=1):
            check_length("items.description", item.get("description") or "", 256)
            url = item["media"]["url"]
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in names:
                code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
                raise invalid("components", code, "The attachment was not found.")


def check_modal(modal: Json) -> None:
    """Refuse what may not be a modal."""
    check_length("title", modal.get("title"), 45, least=1)
    check_length("custom_id", modal.get("custom_id"), 100, least=1)
    top = check_count("components", modal.get("components"), 5, least=1)
    for place, component in enumerate(top):
        if component.get("type") not in TOP_MODAL:
            raise invalid(f"components.{place}.type", "UNION_TYPE_CHOICES", "Not a type for here.")
    _check_each(list(every(top)))


def _check_v2(everything: list[Json]) -> None:
    if not 1 <= len(everything) <= 40:
        text = "The maximum number of components is 40, the minimum 1."
        raise invalid("components", "BASE_TYPE_BAD_LENGTH", text)
    if sum(len(each["content"]) for each in everything if each["type"] == TEXT_DISPLAY) > 4000:
        text = "The total length of displayable text may not exceed 4000."
        raise invalid("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)


def _check_each(everything: list[Json]) -> None:
    seen: set[str] = set()
    for place, component in enumerate(everything):
        where = f"components.{place}"
        _check_one(component, where)
        custom_id = component.get("custom_id")
        if custom_id is not None and custom_id in seen:
            text = "Component custom id cannot be duplicated"
            raise invalid(where, "COMPONENT_CUSTOM_ID_DUPLICATED", text)
        seen.add(custom_id or "")


def _check_one(component: Json, where: str) -> None:
    kind = component.get("type")
    if kind == ROW:
        check_count(where, component.get("components"), 5, least=1)
    elif kind == BUTTON:
        _check_button(component, where)
    elif kind in WITH_CUSTOM_ID:
        check_length(f"{where}.custom_id", component.get("custom_id"), 100, least=1)
        check_count(f"{where}.options", component.get("options", []), 25)
    elif kind == TEXT_DISPLAY:
        check_length(f"{where}.content", component.get("content"), 4000, least=1)
    elif kind == SECTION:
        check_count(f"{where}.components", component.get("components"), 3, least=1)
        if not component.get("accessory"):
            raise invalid(f"{where}.accessory", "BASE_TYPE_REQUIRED", "This field is required")
    elif kind == LABEL:
        check_length(f"{where}.label", component.get("label"), 45, least=1)


def _check_button(button: Json, where: str) -> None:
    check_length(f"{where}.label", button.get("label") or "", 80)
    if button.get("style") == LINK:
        check_length(f"{where}.url", button.get("url"), 512, least=1)
    elif button.get("style") != PREMIUM:
        check_length(f"{where}.custom_id", button.get("custom_id"), 100, least=1)
