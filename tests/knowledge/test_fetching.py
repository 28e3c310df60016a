"""The fetcher on a real network, that of loopback: pinned addresses, limits, secrets, TLS."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from knowledge.fetching import (
    Credentials,
    Fetcher,
    FetchFailedError,
    FetchLimits,
    FetchRefusedError,
    ReplyTooLargeError,
)
from tests.fakes.loopback import LoopbackServer, Reply, Request


def greet(request: Request) -> Reply:
    return Reply(f"Hello, {request.headers['host']}".encode())


@pytest.fixture
async def server() -> AsyncIterator[LoopbackServer]:
    async with LoopbackServer(greet) as started:
        yield started


class Names:
    """Answers with one list of addresses after another, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise OSError("no such host")
        return found


async def text(fetcher: Fetcher, url: str) -> str:
    async with fetcher.get(url) as reply:
        return (await reply.start(max_bytes=1000)).decode()


def port_of(server: LoopbackServer) -> str:
    return server.url.rpartition(":")[2]


@pytest.fixture
async def opened() -> AsyncIterator[list[Fetcher]]:
    fetchers: list[Fetcher] = []
    yield fetchers
    for fetcher in fetchers:
        await fetcher.close()


async def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_asked(
    server: LoopbackServer, opened: list[Fetcher]
) -> None:
    names = Names(["127.0.0.1"])
    fetcher = Fetcher(allow_private=["wiki.intra"], resolver=names)
    opened.append(fetcher)
    address = f"http://wiki.intra:{port_of(server)}/"
    assert await text(fetcher, address) == f"Hello, wiki.intra:{port_of(server)}"
    assert names.asked == ["wiki.intra"]


async def test_a_name_that_answers_differently_a_moment_later_gains_nothing(
    server: LoopbackServer, opened: list[Fetcher]
) -> None:
    # What is checked is what is connected to: the name is asked once for a connection, and what it
    # says for the next one is checked anew.
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    fetcher = Fetcher(allow_private=["wiki.intra"], resolver=names)
    opened.append(fetcher)
    address = f"http://wiki.intra:{port_of(server)}/"
    await text(fetcher, address)
    assert names.asked == ["wiki.intra"]
    with pytest.raises(FetchRefusedError, match=r"169\.254\.169\.254, which is reserved"):
        await text(fetcher, address)


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (["127.0.0.1"], "allow_private=public.example"),
        (["1.1.1.1", "10.0.0.1"], "allow_private=public.example"),
        (["::ffff:127.0.0.1"], "never asked"),
        (["fe80::1%eth0"], "never asked"),
    ],
)
async def test_a_host_with_any_address_that_is_not_everybodys_is_not_asked(
    opened: list[Fetcher], answer: list[str], advice: str
) -> None:
    fetcher = Fetcher(allow_private=["another.intra"], resolver=Names(answer))
    opened.append(fetcher)
    with pytest.raises(FetchRefusedError) as caught:
        await text(fetcher, "http://public.example/")
    assert advice in caught.value.what_to_do


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_this_machine_is_not_asked_by_any_of_its_names(
    server: LoopbackServer, opened: list[Fetcher], host: str
) -> None:
    fetcher = Fetcher()
    opened.append(fetcher)
    with pytest.raises(FetchRefusedError):
        await text(fetcher, f"http://{host}:{port_of(server)}/")
    assert server.requests == []


async def test_the_next_address_of_a_host_is_tried_where_nobody_answers(
    server: LoopbackServer, opened: list[Fetcher]
) -> None:
    fetcher = Fetcher(allow_private=["wiki.intra"], resolver=Names(["127.0.0.2", "127.0.0.1"]))
    opened.append(fetcher)
    assert "wiki" in await text(fetcher, f"http://wiki.intra:{port_of(server)}/")
    nowhere = Fetcher(allow_private=["wiki.intra"], resolver=Names([]))
    opened.append(nowhere)
    with pytest.raises(FetchFailedError, match="could not be reached"):
        await text(nowhere, "http://wiki.intra/")


async def test_a_silent_or_endless_site_is_given_up(
    server: LoopbackServer, opened: list[Fetcher]
) -> None:
    fetcher = Fetcher(allow_private=["127.0.0.1"], limits=FetchLimits(total_s=0.5, step_s=0.2))
    opened.append(fetcher)
    server.respond = lambda _: Reply(b"x", hang_at=0)
    with pytest.raises(FetchFailedError, match="in time"):
        await text(fetcher, server.url)
    server.respond = lambda _: Reply(b"x" * 2**12, is_endless=True)
    with pytest.raises(FetchFailedError, match="in time"):
        async with fetcher.get(server.url) as reply:
            await reply.save(Path("/dev/null"), max_bytes=2**60)


async def test_a_reply_that_breaks_off_is_no_reply(
    server: LoopbackServer, opened: list[Fetcher]
) -> None:
    fetcher = Fetcher(allow_private=["127.0.0.1"])
    opened.append(fetcher)
    server.respond = lambda _: Reply(b"xyz", cut_at=1)
    with pytest.raises(FetchFailedError, match="broke off"):
        await text(fetcher, server.url)


async def test_a_name_that_is_never_found_does_not_hold_us(opened: list[Fetcher]) -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    fetcher = Fetcher(resolver=never, limits=FetchLimits(step_s=0.1))
    opened.append(fetcher)
    with pytest.raises(FetchFailedError, match="in time"):
        await text(fetcher, "http://example.org/")


async def test_what_is_compressed_is_measured_unpacked_and_stopped_in_the_middle(
    server: LoopbackServer, opened: list[Fetcher], tmp_path: Path
) -> None:
    fetcher = Fetcher(allow_private=["127.0.0.1"])
    opened.append(fetcher)
    packed = gzip.compress(b"0" * 50 * 2**20)
    server.respond = lambda _: Reply(packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(ReplyTooLargeError, match="more than 1 MB"):
        async with fetcher.get(server.url) as reply:
            await reply.save(tmp_path / "bomb", max_bytes=2**20)
    assert (tmp_path / "bomb").stat().st_size <= 2**20
    server.respond = lambda _: Reply(packed[:-20], headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchFailedError, match="ended too early"):
        async with fetcher.get(server.url) as reply:
            await reply.save(tmp_path / "cut", max_bytes=2**30)
    async with fetcher.get(server.url) as reply:
        assert await reply.start(max_bytes=5) == b"00000"


async def test_a_secret_goes_to_its_place_alone_and_never_from_tls_to_an_open_line(
    server: LoopbackServer, opened: list[Fetcher]
) -> None:
    place = server.url.removeprefix("http://")
    for credentials, is_sent in (
        (Credentials(place, needs_tls=False, header="Bearer s3cret"), True),
        (Credentials(place, needs_tls=True, header="Bearer s3cret"), False),
        (Credentials("127.0.0.1:1", needs_tls=False, header="Bearer s3cret"), False),
    ):
        fetcher = Fetcher(allow_private=["127.0.0.1"], credentials=credentials)
        opened.append(fetcher)
        await text(fetcher, server.url)
        assert ("authorization" in server.requests[-1].headers) == is_sent
        assert "s3cret" not in repr(credentials)


async def test_no_proxy_and_no_cookie_is_taken(
    server: LoopbackServer, opened: list[Fetcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server.respond = lambda _: Reply(b"", headers={"Set-Cookie": "a=b"})
    fetcher = Fetcher(allow_private=["127.0.0.1"])
    opened.append(fetcher)
    for _ in range(2):
        await text(fetcher, server.url)
    assert not any("cookie" in request.headers for request in server.requests)


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """The context of a server that proves this name; whom to trust lies in `folder`/ca.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "ca.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


async def test_tls_proves_the_name_that_was_asked_not_the_address(
    opened: list[Fetcher], tmp_path: Path
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    serving = await asyncio.start_server(
        answer, "127.0.0.1", 0, ssl=certificate(tmp_path, "wiki.intra")
    )
    port = serving.sockets[0].getsockname()[1]
    trusted = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    names = Names(["127.0.0.1"])
    fetcher = Fetcher(allow_private=["wiki.intra", "other.intra"], resolver=names, tls=trusted)
    strict = Fetcher(allow_private=["wiki.intra"], resolver=names)
    opened += [fetcher, strict]
    assert await text(fetcher, f"https://wiki.intra:{port}/") == "ok"
    with pytest.raises(FetchFailedError, match="certificate"):
        await text(fetcher, f"https://other.intra:{port}/")
    with pytest.raises(FetchFailedError, match="certificate"):
        await text(strict, f"https://wiki.intra:{port}/")
    serving.close()


async def test_the_names_of_this_machine_are_found_by_the_system() -> None:
    from knowledge.fetching import system_resolver

    assert all(ip_address(found).is_loopback for found in await system_resolver("localhost", 80))


async def test_what_is_sent_arrives_and_a_redirect_to_nowhere_is_no_error_of_ours(
    opened: list[Fetcher],
) -> None:
    def respond(request: Request) -> Reply:
        return Reply(request.method.encode() + request.body, 307, headers={"Location": "http://["})

    async with LoopbackServer(respond) as server:
        fetcher = Fetcher(allow_private=["127.0.0.1"])
        opened.append(fetcher)
        async with fetcher.send(
            "PUT", server.url, {"If-None-Match": "*"}, b"ma\xc3\xb1ana"
        ) as reply:
            assert await reply.start(max_bytes=100) == b"PUTma\xc3\xb1ana"
            assert reply.location == "http://["
        assert server.requests[0].headers["if-none-match"] == "*"
        with pytest.raises(FetchRefusedError):
            await text(fetcher, "http://[")
