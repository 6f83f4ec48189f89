# SPDX-License-Identifier: Apache-2.0
"""The mark that any program may read: IPTC `DigitalSourceType` as XMP in the file.

Written into JPEG, PNG, WebP and GIF without touching a pixel. Whatever else the
upstream put into the file is left out: remarks, EXIF, what follows the picture. Nobody
judged it. The mark is unsigned and gone with the first re-encoding. Sources: IPTC Photo
Metadata Standard; XMP specification part 3; ITU-T T.81 annex B; PNG 1.2; GIF89a; WebP
container specification.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from vigie.screening.media.formats import GIF, JPEG, PNG, WEBP

SOURCE_TYPES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED: Final = f"{SOURCE_TYPES}trainedAlgorithmicMedia"
EDITED: Final = f"{SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia"
_HEAD: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_JPEG_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_MARKER: Final = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""A marker within the coded picture that is no restart."""
_START_OF_SCAN: Final = 0xDA
_END_OF_IMAGE: Final = 0xD9
_COLOURS: Final = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""What of a JPEG file's remarks says how its colours are to be read."""
_PNG_XMP: Final = b"XML:com.adobe.xmp"
_PNG_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT pHYs bKGD acTL fcTL fdAT".split()
)
_WEBP_KEPT: Final = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_XMP_FLAG: Final = 0x04
_EXIF_FLAG: Final = 0x08
_ALPHA_FLAG: Final = 0x10
_GIF_LOOP: Final = b"\x0bNETSCAPE2.0"
_GIF_XMP: Final = b"\x21\xff\x0bXMP DataXMP"
_GIF_TRAILER: Final = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
"""Makes the packet, read as blocks, come to an end wherever a reader stands."""


class UnmarkedError(Exception):
    """The file is not built as its format says; nothing was written."""


def packet(source_type: str) -> bytes:
    """Return the XMP packet that names a digital source type."""
    return (
        f'{_HEAD}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'Iptc4xmpExt:DigitalSourceType="{source_type}"/></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="r"?>'
    ).encode()


def marked(data: bytes, mime: str, source_type: str) -> bytes:
    """Return the file with the mark. Raises UnmarkedError where it is not built as it should be."""
    try:
        return _WRITERS[mime](data, packet(source_type))
    except (struct.error, IndexError, KeyError) as problem:
        raise UnmarkedError(mime) from problem


def _jpeg(data: bytes, xmp: bytes) -> bytes:
    body = _JPEG_XMP + xmp
    segment = struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body
    return data[:2] + segment + b"".join(_jpeg_rest(data))


def _jpeg_rest(data: bytes) -> Iterator[bytes]:
    """Yield the segments after the start that make the picture, up to its end."""
    at = 2
    while True:
        found = _MARKER.match(data, at)
        if found is None:
            raise UnmarkedError(JPEG)
        at, kind = found.end() - 2, data[found.end() - 1]
        if kind == _END_OF_IMAGE:
            yield data[at : at + 2]
            return
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if kind == _START_OF_SCAN:
            following = _MARKER.search(data, end)
            end = following.start() if following else len(data)
        if _is_picture(kind, data[at + 4 : at + 20]):
            yield data[at:end]
        at = end


def _is_picture(kind: int, body: bytes) -> bool:
    """Say whether a segment is needed to show the picture."""
    if kind in _COLOURS:
        return body.startswith(_COLOURS[kind])
    return not 0xE0 <= kind <= 0xEF and kind != 0xFE


def _png(data: bytes, xmp: bytes) -> bytes:
    out = [data[:8]]
    at = 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        end = at + 12 + size
        if end > len(data):
            raise UnmarkedError(PNG)
        if kind in _PNG_KEPT:
            out.append(data[at:end])
        if kind == b"IHDR":
            # Keyword, no compression, no language, no translated keyword.
            out.append(_png_chunk(b"iTXt", _PNG_XMP + b"\0\0\0\0\0" + xmp))
        at = end
        if kind == b"IEND":
            return b"".join(out)
    raise UnmarkedError(PNG)


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _webp(data: bytes, xmp: bytes) -> bytes:
    chunks = [(kind, body) for kind, body in _webp_chunks(data) if kind in _WEBP_KEPT]
    if not chunks:
        raise UnmarkedError(WEBP)
    if chunks[0][0] == b"VP8X":
        head = bytes([chunks[0][1][0] & ~_EXIF_FLAG | _XMP_FLAG]) + chunks[0][1][1:]
        chunks[0] = (b"VP8X", head)
    else:
        chunks.insert(0, (b"VP8X", _webp_head(*chunks[0])))
    chunks.append((b"XMP ", xmp))
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2)
        for kind, part in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= end:
        (size,) = struct.unpack_from("<I", data, at + 4)
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _webp_head(kind: bytes, body: bytes) -> bytes:
    """Return the extended header of a simple file: flags, then width and height less one."""
    if kind == b"VP8 ":
        wide, high = struct.unpack_from("<HH", body, 6)
        width, height, flags = int(wide) & 0x3FFF, int(high) & 0x3FFF, 0
    elif kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _ALPHA_FLAG if bits >> 28 & 1 else 0
    else:
        raise UnmarkedError(WEBP)
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes([flags | _XMP_FLAG, 0, 0, 0]) + sizes


def _gif(data: bytes, xmp: bytes) -> bytes:
    head = 13 + _gif_table(data[10])
    # Of 89a, since 87a knows no extensions.
    start = b"GIF89a" + data[6:head] + _GIF_XMP + xmp + _GIF_TRAILER
    return start + b"".join(_gif_rest(data, head)) + b";"


def _gif_rest(data: bytes, at: int) -> Iterator[bytes]:
    """Yield frames, what says how they are shown, and the loop; no remarks."""
    while (kind := data[at]) != 0x3B:
        if kind == 0x2C:
            end = _gif_end(data, at + 10 + _gif_table(data[at + 9]) + 1)
            yield data[at:end]
        elif kind == 0x21:
            body = at + 2
            end = _gif_end(data, body)
            if data[at + 1] == 0xF9 or data.startswith(_GIF_LOOP, body):
                yield data[at:end]
        else:
            raise UnmarkedError(GIF)
        at = end


def _gif_table(flags: int) -> int:
    """Return the bytes of a colour table that a field of flags announces."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_end(data: bytes, at: int) -> int:
    """Return where a row of blocks ends."""
    while size := data[at]:
        at += 1 + size
    return at + 1


_WRITERS: Final[dict[str, Callable[[bytes, bytes], bytes]]] = {
    JPEG: _jpeg,
    PNG: _png,
    WEBP: _webp,
    GIF: _gif,
}
