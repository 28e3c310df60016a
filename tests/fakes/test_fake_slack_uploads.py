"""Files that the app brings itself: announced, brought, and only then shared."""

from typing import Any

import aiohttp
import pytest

from tests.fakes.slack_place import Place, place

__all__ = ["place"]
CONTENT = b"\x89PNG and so on"


async def announced(place: Place, **more: Any) -> tuple[str, str]:  # noqa: ANN401 (arguments)
    """Announce a file; its id, and where its bytes are to be brought."""
    said = await place.client.files_getUploadURLExternal(
        filename="owl.png", length=len(CONTENT), **more
    )
    return str(said["file_id"]), str(said["upload_url"])


async def brought(url: str, content: bytes = CONTENT) -> int:
    """Bring bytes; the status."""
    async with aiohttp.ClientSession() as session, session.post(url, data=content) as reply:
        return reply.status


async def test_a_file_is_shared_in_a_thread_once_its_bytes_are_there(place: Place) -> None:
    root = await place.ana.says(place.general, "an owl, please")
    file, url = await announced(place, alt_txt="an owl")
    where: dict[str, Any] = {"channel_id": place.channel, "thread_ts": root.ts}
    listed: list[dict[str, str | None]] = [{"id": file, "title": "Owl"}]
    assert await brought(url) == 200
    said = await place.client.files_completeUploadExternal(files=listed, **where)
    assert said["files"] == [{"id": file, "title": "Owl"}]
    about = (await place.client.files_info(file=file))["file"]
    assert (about["title"], about["alt_txt"], about["name"]) == ("Owl", "an owl", "owl.png")
    (shared,) = about["shares"]["public"][place.channel]
    assert shared["thread_ts"] == root.ts
    message = place.general.message(shared["ts"])
    assert [one["id"] for one in message.files] == [file]
    assert place.team.files[file].content == CONTENT
    arguments = {"files": f'[{{"id": "{file}"}}]', **where}
    assert await place.refused("files.completeUploadExternal", **arguments) == "file_not_found"
    assert await brought(url) == 404, "the address is used up"
    await place.client.files_delete(file=file)
    assert message.files == [{"id": file, "mode": "tombstone"}]
    assert await place.refused("files.info", file=file) == "file_not_found"


@pytest.mark.parametrize("content", [b"", CONTENT[:3], CONTENT * 2])
async def test_bytes_that_are_not_those_announced_are_refused(place: Place, content: bytes) -> None:
    file, url = await announced(place)
    assert await brought(url, content) == 400
    files = f'[{{"id": "{file}"}}]'
    said = await place.refused(
        "files.completeUploadExternal", files=files, channel_id=place.channel
    )
    assert said == "file_not_found"


async def test_files_go_where_the_app_may_write_and_nowhere_else(place: Place) -> None:
    file, url = await announced(place)
    await brought(url)
    files = f'[{{"id": "{file}"}}]'
    other = place.team.channel("other", [place.ana], with_bot=False)
    for channel, code in (
        (other.channel_id, "not_in_channel"),
        (place.ana.user_id, "channel_not_found"),
        ("C404", "channel_not_found"),
    ):
        asked = {"files": files, "channel_id": channel}
        assert await place.refused("files.completeUploadExternal", **asked) == code
    theirs = place.team.store(place.ana, place.general, "a.txt", b"a", mimetype="text/plain")
    assert await place.refused("files.delete", file=theirs.file_id) == "cant_delete_file"
    long = {"filename": "a.png", "length": 3, "alt_txt": "x" * 1_001}
    assert await place.refused("files.getUploadURLExternal", **long) == "alt_txt_too_large"
