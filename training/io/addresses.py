"""Which machines may be asked: names are resolved here, and the connection goes to the address that was looked at.

Hrefs come from records that strangers wrote. Without this an href, a redirect or a name that resolves to 10.0.0.1 could
make earthdex ask services behind a firewall, or the metadata service of a cloud.
"""

from __future__ import annotations

import ipaddress
import socket

from ontology.errors import FetchError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(text: str) -> bool:
    """Whether an IP address is one of the open internet (IANA special-purpose registries)."""
    try:
        address = _inner(ipaddress.ip_address(text.split("%", 1)[0]))
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int, *, allow_private: bool) -> list[tuple[int, str]]:
    """(address family, IP address) of a host, in the order of the resolver.

    Raises:
        FetchError: the name does not resolve, or only to addresses that are not public.
    """
    try:
        found = socket.getaddrinfo(host.encode("idna"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"The host {host[:100]!r} cannot be found: {error}.", "Check the address.") from error
    places: list[tuple[int, str]] = [(family, str(where[0])) for family, _, _, _, where in found]
    usable = [one for one in places if allow_private or is_public(one[1])]
    if not usable:
        raise FetchError(
            f"The host {host[:100]!r} is a private address, which records may not name.",
            "If it is a server of your own, allow it with allow_private=True.",
        )
    return usable
