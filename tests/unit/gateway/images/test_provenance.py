# SPDX-License-Identifier: Apache-2.0
"""Generated pictures say so: signed, marked, pixels untouched, nothing on a disk."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import shutil
import socket
import struct
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.support.pictures import encode, pattern, picture
from vigie.core.errors import InvalidInputError
from vigie.gateway.images import credentials
from vigie.gateway.images.provenance import Made, NotMarkedError, Provenance
from vigie.gateway.images.xmp import EDITED, GENERATED, UnmarkedError, marked

c2pa = pytest.importorskip("c2pa")

NOW = dt.datetime.now(dt.UTC)
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def provenance(folder):
    made = Provenance(lambda: credentials.local(folder, "Agora", NOW))
    yield made
    made.close()


def read(folder, data, mime):
    anchors = (folder / credentials.CA).read_text()
    trust = {"trust": {"trust_anchors": anchors}, "verify": {"verify_trust": True}}
    context = c2pa.Context(c2pa.Settings.from_dict(trust))
    reader = c2pa.Reader(mime, io.BytesIO(data), context=context)
    said = json.loads(reader.json())
    return reader.get_validation_state(), said["manifests"][said["active_manifest"]]


def actions(manifest):
    listed = [one for one in manifest["assertions"] if one["label"].startswith("c2pa.actions")]
    return [
        (one["action"], one.get("digitalSourceType", ""))
        for each in listed
        for one in each["data"]["actions"]
    ]


def pixels(data):
    return Image.open(io.BytesIO(data)).convert("RGBA").tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_generated_picture_is_signed_and_marked_and_looks_the_same(folder, provenance, kind):
    made = Made(picture(3, kind), KINDS[kind])
    signed = provenance.sign(made)
    state, manifest = read(folder, signed.data, signed.mime)
    assert state == "Trusted"
    assert actions(manifest) == [("c2pa.created", GENERATED)]
    assert GENERATED.encode() in signed.data
    assert pixels(signed.data) == pixels(made.data)
    assert len(signed.data) - len(made.data) < 6_000
    plain = c2pa.Reader(signed.mime, io.BytesIO(signed.data))
    assert plain.get_validation_state() == "Valid"


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_names_its_sources_as_ingredients(folder, provenance, kind):
    sources = (Made(picture(9), "image/jpeg"), Made(picture(8, "PNG"), "image/png"))
    signed = provenance.sign(Made(picture(3, kind), KINDS[kind]), sources)
    state, manifest = read(folder, signed.data, signed.mime)
    assert state == "Trusted"
    assert actions(manifest) == [("c2pa.opened", ""), ("c2pa.edited", EDITED)]
    assert [one["relationship"] for one in manifest["ingredients"]] == ["parentOf", "inputTo"]
    assert [one for one in manifest["ingredients"] if "thumbnail" in one] == []


def test_a_changed_byte_is_noticed_and_a_new_encoding_has_no_signature(folder, provenance):
    signed = provenance.sign(Made(picture(3), "image/jpeg"))
    changed = bytearray(signed.data)
    changed[-100] ^= 1
    assert read(folder, bytes(changed), "image/jpeg")[0] == "Invalid"
    again = encode(Image.open(io.BytesIO(signed.data)), "JPEG")
    assert c2pa.Reader.try_create("image/jpeg", io.BytesIO(again)) is None
    assert GENERATED.encode() not in again


def test_what_the_upstream_signed_goes_along_as_an_ingredient(folder, provenance):
    theirs = provenance.sign(Made(picture(3), "image/jpeg"))
    state, manifest = read(folder, provenance.sign(theirs).data, "image/jpeg")
    assert state == "Trusted"
    assert [one["relationship"] for one in manifest["ingredients"]] == ["componentOf"]


def with_manifest_at(address):
    """Return a picture whose remarks say that its manifest lies elsewhere."""
    remark = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
        xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
        xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="{address}"/>
        </rdf:RDF></x:xmpmeta>"""
    return encode(pattern(4), "JPEG", xmp=remark.encode())


def test_manifests_that_lie_elsewhere_are_not_fetched(provenance):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        lying = with_manifest_at(f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa")
        provenance.sign(Made(lying, "image/jpeg"))
        provenance.sign(Made(picture(5), "image/jpeg"), (Made(lying, "image/jpeg"),))
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_library_would_fetch_them_if_it_were_let():
    """What the test above shows is our setting, not a picture that names no address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        lying = with_manifest_at(f"http://127.0.0.1:{server.getsockname()[1]}/manifest.c2pa")

        def read_it():
            with contextlib.suppress(c2pa.C2paError):
                c2pa.Reader.try_create("image/jpeg", io.BytesIO(lying))

        ask = threading.Thread(target=read_it, daemon=True)
        ask.start()
        connection, _ = server.accept()
        connection.close()
        ask.join(10)


def test_what_cannot_be_marked_is_not_handed_out(provenance):
    for data, mime in ((b"no picture", "image/png"), (picture(1)[:40], "image/jpeg")):
        with pytest.raises(NotMarkedError):
            provenance.sign(Made(data, mime))


# --- the mark ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_mark_of_the_upstream_is_replaced(kind):
    old = marked(picture(2, kind), KINDS[kind], "alphaquill")
    assert b"alphaquill" in old
    new = marked(old, KINDS[kind], GENERATED)
    assert b"alphaquill" not in new
    assert new.count(b"DigitalSourceType=") == 1
    assert pixels(new) == pixels(old)
    assert marked(new, KINDS[kind], GENERATED) == new


@pytest.mark.parametrize(
    "image",
    [
        pattern(1).convert("L"),
        pattern(1).convert("RGBA"),
        pattern(1).convert("P"),
        pattern(1, 33, 17),
    ],
    ids=["grey", "alpha", "palette", "odd"],
)
@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("WEBP", {}), ("GIF", {}), ("JPEG", {})],
)
def test_every_sort_of_file_still_opens(image, kind, options):
    data = encode(image.convert("RGB") if kind == "JPEG" else image, kind, **options)
    assert pixels(marked(data, KINDS[kind], EDITED)) == pixels(data)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations_keep_their_frames(kind):
    frames = [pattern(n) for n in range(3)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    again = Image.open(io.BytesIO(marked(data, KINDS[kind], EDITED)))
    assert getattr(again, "n_frames", 1) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_files_cut_anywhere_raise_one_kind_of_error_or_stay_cut(kind):
    data = picture(2, kind)
    for at in (12, 14, 20, 30, 60, 200, len(data) // 2):
        try:
            marked(data[:at], KINDS[kind], GENERATED)
        except UnmarkedError:
            continue


def remarked(kind):
    """Return a picture with a word in every place for remarks that its format has."""
    word = b"betaquill"
    exif = Image.Exif()
    exif[0x010E] = word.decode()
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Title", word.decode())
        info.add_itxt("More", word.decode())
        return encode(pattern(1), kind, pnginfo=info, exif=exif) + word
    if kind == "GIF":
        return encode(pattern(1), kind, comment=word) + word
    more = {"comment": word} if kind == "JPEG" else {}
    return encode(pattern(1), kind, exif=exif, xmp=b"<x>" + word + b"</x>", **more) + word


@pytest.mark.parametrize("kind", KINDS)
def test_no_remark_of_the_upstream_leaves(kind):
    data = remarked(kind)
    assert data.count(b"betaquill") >= 2
    new = marked(data, KINDS[kind], GENERATED)
    assert b"betaquill" not in new
    assert pixels(new) == pixels(data)


def test_a_progressive_picture_keeps_all_its_scans():
    data = encode(pattern(1), "JPEG", progressive=True, icc_profile=b"profile")
    assert data.count(b"\xff\xda") > 3
    new = marked(data, "image/jpeg", GENERATED)
    assert pixels(new) == pixels(data)
    assert Image.open(io.BytesIO(new)).info["icc_profile"] == b"profile"


# --- certificates -----------------------------------------------------------------


def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path):
    first = credentials.local(tmp_path, "Agora", NOW)
    assert credentials.local(tmp_path, "Agora", NOW) == first
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    leaf, above = x509.load_pem_x509_certificates(first.chain)
    leaf.verify_directly_issued_by(above)
    assert (leaf.not_valid_after_utc - NOW).days in (364, 365)


def test_a_certificate_near_its_end_is_renewed_under_the_same_authority(tmp_path):
    first = credentials.local(tmp_path, "Agora", NOW)
    later = credentials.local(tmp_path, "Agora", NOW + dt.timedelta(days=340))
    old, above = x509.load_pem_x509_certificates(first.chain)
    new, same = x509.load_pem_x509_certificates(later.chain)
    assert new.not_valid_after_utc > old.not_valid_after_utc
    assert same == above


def test_an_operator_brings_a_certificate_of_its_own(tmp_path):
    made = credentials.local(tmp_path / "made", "Agora", NOW)
    found = credentials.own(
        tmp_path / "made" / credentials.CHAIN, tmp_path / "made" / credentials.KEY
    )
    assert found == made
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "other.pem").write_bytes(other)
    for key in ("other.pem", "none.pem"):
        with pytest.raises(InvalidInputError, match="certificate"):
            credentials.own(tmp_path / "made" / credentials.CHAIN, tmp_path / key)


@pytest.mark.whole
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_signing_opens_no_file_for_writing(tmp_path, folder):
    credentials.local(folder, "Agora", NOW)
    code = f"""
        import datetime as dt
        from pathlib import Path
        from tests.support.pictures import picture
        from vigie.gateway.images import credentials
        from vigie.gateway.images.provenance import Made, Provenance
        found = credentials.local(Path({str(folder)!r}), "Agora", dt.datetime.now(dt.UTC))
        provenance = Provenance(lambda: found)
        made = Made(picture(1), "image/jpeg")
        provenance.sign(made, (Made(picture(2, "PNG"), "image/png"),))
    """
    log = tmp_path / "log"
    calls = "open,openat,openat2,creat,memfd_create,mkdir,mkdirat,connect"
    subprocess.run(
        [
            "strace",
            "-f",
            "-qq",
            "-o",
            log,
            "-e",
            f"trace={calls}",
            sys.executable,
            "-B",
            "-c",
            textwrap.dedent(code),
        ],
        cwd=ROOT,
        check=True,
    )
    lines = log.read_text().splitlines()
    assert any(".so" in line for line in lines)
    written = ("O_WRONLY", "O_RDWR", "O_CREAT", "creat(", "memfd", "mkdir", "connect(")
    assert [line for line in lines if any(one in line for one in written)] == []


def test_sizes_in_headers_are_little_endian():
    """The extended header of a simple WebP file holds width and height less one."""
    new = marked(encode(pattern(1, 300, 200), "WEBP"), "image/webp", GENERATED)
    at = new.index(b"VP8X") + 12
    assert struct.unpack("<I", new[at : at + 3] + b"\0")[0] + 1 == 300
    assert struct.unpack("<I", new[at + 3 : at + 6] + b"\0")[0] + 1 == 200
