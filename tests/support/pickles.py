"""Pickles made step by step, and the containers that checkpoints come in. Nothing here is ever loaded."""

from __future__ import annotations

import base64
import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Mapping

TORCH_MAGIC = 0x1950A86A20F9469CFC6C


def calling(module: str, name: str, argument: str = "true", *, protocol: int = 2) -> bytes:
    """A pickle that calls `module.name(argument)` when it is loaded."""
    if protocol == 0:
        return f"c{module}\n{name}\n(V{argument}\ntR.".encode()
    if protocol < 4:
        return b"\x80" + bytes([protocol]) + f"c{module}\n{name}\n(V{argument}\ntR.".encode()
    texts = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() + b"\x94" for text in (module, name))
    called = b"\x8c" + bytes([len(argument)]) + argument.encode()
    return b"\x80" + bytes([protocol]) + texts + b"\x93" + called + b"\x85R."


def legacy_torch(state: bytes) -> bytes:
    """A checkpoint as PyTorch wrote it before 1.6: five pickles, then the numbers."""
    parts = [pickle.dumps(part, 2) for part in (TORCH_MAGIC, 1001, {"little_endian": True})]
    return b"".join([*parts, state, pickle.dumps(["0"], 2), struct.pack("<q", 4), b"\x80\x02cos\n"])


def zip_of(files: Mapping[str, bytes], *, deflated: bool = False) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as container:
        for name, content in files.items():
            container.writestr(name, content)
    return target.getvalue()


def torch_zip(state: bytes) -> bytes:
    return zip_of({"archive/data.pkl": state, "archive/version": b"3\n", "archive/data/0": bytes(4096)})


def encrypted(zipped: bytes) -> bytes:
    """The zip with the mark of encryption on its first member."""
    changed = bytearray(zipped)
    changed[6] |= 1
    changed[changed.index(b"PK\1\2") + 8] |= 1
    return bytes(changed)


def tar_of(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as container:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            container.addfile(info, io.BytesIO(content))
    return target.getvalue()


def npy_of(objects: bytes | None) -> bytes:
    """A NumPy file with that pickle for its objects, or with numbers."""
    kind = "|O" if objects is not None else "<f4"
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': (1,), }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + (objects or bytes(4))


def short_text(text: str) -> bytes:
    """The step that brings a text, as protocol 4 writes it."""
    return b"\x8c" + bytes([len(text)]) + text.encode()


def npy_with(descr: str, content: bytes) -> bytes:
    """A NumPy file whose header says so of its type."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (1,), }}".ljust(117).encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content


# As joblib 1.6.0 writes them: {"a": numbers, "n": objects, "b": numbers}, and [numbers, what runs “id”].
JOBLIB = base64.b85decode(
    "fCQD;000000001elqie=VU&y$YHwm}X<{yJb!~8YUvOz-Yiwndj1f+CZE$%(a&lpLS8`!+aAk6olawielzo&aj0kgeVq<J!b90o8"
    "1#We1aCwxB2X16xa&lpLl#`T<1#@U&aAlNB1BH}~1#fa>Wpb2^0Yj9G1!Q!2aAlNe2#f_}ba`-Pl#`T<0%kariHL`kQj{o51B?MY"
    "luk}gO8@`=|4RS=|Nlz>bd+L@3Sn$)Z+Bm9ZDDYfh>RO<b!~8YUtw}`VR>I+Y-wk1ZDnqBUt)Q5Wpk8E5Orb<|NsC0|NsC0|NsC0"
    "000000000000000008hm000000000$l}i8s000000E_`{lxPGgfs}oeC};<03TO*U0)>=l4QLK%4`>mL0#7)UiHL`kQj{o51B?ND"
    "luk}gO8@`=|4RS=|Nl!rbd+Lf7l~*XOAvKpfCZJ0000000001t7H)NIaCt6YV{dY0E^T#ebZKF7a$$Ltj0|6LWn*t{b98cbV|0|0"
    "l#B&#b!~8Yl#B;%WMOi0VR@93luH1GltTexl!ug3lqgF9O9F+IXakG|WOR9OWt5YYi~>(Ml!=Iklv0!^O9PAne3VX3PD=m(|Nlz="
    "|Ns9>KXjC0iCvT^i~)F*PGxkIVlI_Q000000001t0b-PB1Sx@(eUvC@2WSdt3rhlplxPiT4rmW(5sU(9IFyNqhm=y3C`$uq6;4i0"
    "O8@`=|4RS=|Nlz>bd+Lf7l>#WOAvKp2mk;7|NsC000000000000RR9100000buI"
)
EVIL_JOBLIB = base64.b85decode(
    "fCQD)0000000018lqif7YHwm}X<{yJb!~8YUvOz-Yiwndj1f+CZE$%(a&lpLS8`!+aAk6olawielzo&aj0kgeVq<J!b90o81#We1"
    "aCwxB2X16xa&lpLl#`T<1#@U&aAlNB1BH}~1#fa>Wpb2^0Yj9G1!Q!2aAlNe2aE+|ba`-Pl#`T<0%kariHL`kQj{o51B?MYluk}g"
    "O8@`=|4RS=|Nlz>bd+L@3Sn$)Z+Bm9ZDDYfh>RO<b!~8YUtw}`VR>I+Y-wk1ZDnqBUt)Q5Wpk8E5Orb@|NsC0|NsC0|NsC0|NsC0"
    "000000000000000008hm000000000$l^y^9000000E`82Z*ysQl#B**d2@7SZIqLgi~?z7l!cU1lw~d"
)
