"""By which addresses other machines reach this one."""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple

__all__ = ["Interface", "interfaces"]


class Interface(NamedTuple):
    """An address, and the name of the network interface that has it."""

    name: str
    address: str


def interfaces() -> list[Interface]:
    """The IPv4 addresses of the interfaces that are up, but for those that no other machine reaches."""
    import psutil  # 20 ms that only who shares has to wait

    states = psutil.net_if_stats()
    found = []
    for name, addresses in psutil.net_if_addrs().items():
        if name in states and not states[name].isup:
            continue
        for address in addresses:
            if address.family != socket.AF_INET:
                continue
            parsed = ipaddress.ip_address(address.address)
            if not parsed.is_loopback and not parsed.is_link_local:
                found.append(Interface(name, address.address))
    return found
