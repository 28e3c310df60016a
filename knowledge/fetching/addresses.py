"""Which addresses of the network may be asked: those that belong to the whole world."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

PRIVATE = "is private"
"""The one reason that ends where the operator names the host."""

# Asked only where the operator has named the host: a team's own network.
_PRIVATE = [
    ip_network(net)
    for net in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a provider, and by private networks
        "fc00::/7",
        "::1/128",
    )
]
# Never asked. Older versions of Python take some of them for global.
_NEVER = [
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "100.100.100.200/32",  # metadata of a cloud
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "fd00:ec2::/32",  # metadata of a cloud
        "fd20:ce::/32",  # metadata of a cloud
    )
]
_GLOBAL_6 = ip_network("2000::/3")
# Within what is global: tunnels that hide an IPv4 address, and ranges for examples and benchmarks.
_NEVER_6 = [
    ip_network(net)
    for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]  # fmt: skip


def refusal(address: str, *, private_allowed: bool = False) -> str:
    """Why this address is not asked; empty where it may be.

    Args:
        address: as a resolver gives it.
        private_allowed: whether the operator has named the host that it belongs to.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return "is no address"
    if any(ip in net for net in _NEVER if net.version == ip.version):
        return "is reserved"
    if any(ip in net for net in _PRIVATE if net.version == ip.version):
        return "" if private_allowed and not _has_scope(ip) else PRIVATE
    if isinstance(ip, IPv4Address):
        return "" if ip.is_global else "is reserved"
    return "" if _is_global(ip) else "is reserved"


def _is_global(ip: IPv6Address) -> bool:
    """Whether everybody may be there; what maps, translates or tunnels IPv4 is none of it."""
    if _has_scope(ip) or ip not in _GLOBAL_6:
        return False
    return ip.is_global and not any(ip in net for net in _NEVER_6)


def _has_scope(ip: IPv4Address | IPv6Address) -> bool:
    return isinstance(ip, IPv6Address) and ip.scope_id is not None
