"""Makes garbage from what is right: bytes changed, cut, doubled, swapped with other seeds, or telling ones put in."""

from __future__ import annotations

import random
from collections.abc import Sequence

__all__ = ["garbage"]

_TELLING = (
    b"\x00",
    b"\xff",
    b"\n",
    b"/",
    b"../",
    b"%2e%2e/",
    b"\\",
    b'"',
    b"'",
    b"{",
    b"[",
    b"}",
    b":",
    b"-1",
    b"0",
    b"999999999999999999999999999999",
    b"1e999",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x00\x00\x00\x00\x00\x00\x00\x00",
    b"\x7f\xff\xff\xff",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"null",
    b"true",
    b"NaN",
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80",
    b"C:",
    b"CON",
    b" ",
    b".",
    b"?",
    b"#",
    b"&",
    b"@",
    b"~",
)


def garbage(seeds: Sequence[bytes], chance: random.Random, longest: int = 1 << 16) -> bytes:
    """One input. The same `chance` makes the same one."""
    data = bytearray(chance.choice(seeds))
    for _ in range(1 + min(int(chance.expovariate(0.5)), 20)):
        at = chance.randint(0, len(data))
        upto = min(len(data), at + 1 + int(chance.expovariate(0.1)))
        match chance.randrange(8):
            case 0 if data:
                data[at % len(data)] = chance.randrange(256)
            case 1 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 2:
                del data[at:upto]
            case 3:
                data[at:at] = data[at:upto] * chance.choice((1, 2, 50))
            case 4:
                data[at:at] = chance.choice(_TELLING)
            case 5:
                put = chance.choice(_TELLING)
                data[at : at + len(put)] = put
            case 6:
                other = chance.choice(seeds)
                start = chance.randint(0, len(other))
                data[at:upto] = other[start : start + chance.randint(0, 200)]
            case 7:
                del data[at:]
        del data[longest:]
    return bytes(data)
