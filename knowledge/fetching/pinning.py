"""Connects to addresses that were checked, and to no others (httpcore2's side of the network).

The name is resolved here and nowhere else, all that it resolves to is checked, and the connection
goes to an address out of that very answer. A name that answers differently a moment later gains
nothing: nobody asks it again. TLS still proves the name, since httpcore2 checks the certificate
against the host of the URL.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from ipaddress import ip_address

import httpcore2

from knowledge.fetching.addresses import PRIVATE, refusal
from knowledge.fetching.errors import FetchRefusedError

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port in, addresses out; raises OSError where there are none."""

_TRIED = 4


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses that this machine finds for a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class PinnedBackend(httpcore2.AsyncNetworkBackend):
    """The network as it may be used: every connection is to a checked address."""

    def __init__(self, resolver: Resolver, allow_private: Collection[str]) -> None:
        self._resolver = resolver
        self._allow_private = allow_private
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature is httpcore2's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve, check, connect.

        Raises:
            FetchRefusedError: one of the addresses may not be asked.
            httpcore2.ConnectError, httpcore2.ConnectTimeout: there is no connection.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._checked(host, port)
                return await self._connected(addresses, port, socket_options)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ConnectError(f"{host} was not found") from error

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        """All addresses of a host, or an error if any of them may not be asked."""
        addresses = [host] if _is_address(host) else await self._resolver(host, port)
        is_named = host in self._allow_private
        for address in addresses:
            if why := refusal(address, private_allowed=is_named):
                raise _refused(host, address, why)
        return addresses

    async def _connected(
        self, addresses: Sequence[str], port: int, options: Iterable[httpcore2.SOCKET_OPTION] | None
    ) -> httpcore2.AsyncNetworkStream:
        failed: Exception = httpcore2.ConnectError("the name has no address")
        for address in addresses[:_TRIED]:
            try:
                return await self._network.connect_tcp(address, port, socket_options=options)
            except httpcore2.ConnectError as error:
                failed = error
        raise failed


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _refused(host: str, address: str, why: str) -> FetchRefusedError:
    place = host if host == address else f"{host} leads to {address}, which"
    return FetchRefusedError(
        f"{place} {why}; it was not asked.",
        what_to_do=f"If it is your own, name it: --option allow_private={host}"
        if why == PRIVATE
        else "Such addresses are never asked; take another one.",
    )
