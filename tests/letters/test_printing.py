"""What the printed letters are: the same bytes every time, tagged, titled, archivable, and with every word in them."""

import hashlib
import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from portal.domain.application import Outcome
from portal.domain.fields import read
from portal.domain.scheme import LANGUAGES
from portal.letters import composing
from portal.letters.document import Letter, digest_of, words
from portal.letters.press import FONTS, covered, print_record, printable
from tests.letters.matters import ANNA, BO, TWELVE, decided, matter

REFUSED = {"outcome": Outcome.REFUSE, "reason": "Kursen ligger utanför uppdraget."}


def letter(kind: str, language: str = "sv", scheme: str = "rfr-2024", **how: Any) -> Letter:
    """A letter of each kind."""
    about = matter(scheme=scheme)
    if kind == "confirmation":
        return composing.confirmation(about, language)
    if kind == "invoice":
        return composing.invoice(about, decided(about).decision, language)
    return composing.decision(about, decided(about, **how), language)


def print_letter(made: Letter) -> bytes:
    return print_record(made.as_record())


def said(pdf: bytes) -> str:
    """The words of a PDF, on one line."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


EVERY = [
    *product(("confirmation", "decision", "refusal", "invoice"), LANGUAGES, ("rfr-2024",)),
    *product(("confirmation", "decision", "refusal"), LANGUAGES, ("kvalitetsfondet-2023",)),
]


@pytest.mark.parametrize(("kind", "language", "scheme"), EVERY)
def test_every_letter_is_tagged_titled_and_archivable(kind: str, language: str, scheme: str) -> None:
    how = REFUSED if kind == "refusal" else {}
    made = letter("decision" if kind == "refusal" else kind, language, scheme, **how)
    reader = PdfReader(BytesIO(print_letter(made)))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value
    assert root["/Lang"].startswith(language)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/Encrypt" not in reader.trailer
    assert "/Names" not in root or "/JavaScript" not in root["/Names"]
    xmp = root["/Metadata"].get_data().decode()
    for claim in ("pdfaid:part>2<", "pdfaid:conformance>A<", "pdfuaid:part>1<", made.title):
        assert claim in xmp, claim
    (intent,) = root["/OutputIntents"]
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == f"{made.title} {made.number}"
    roles = structure(root["/StructTreeRoot"])
    assert {"H1", "P", "L", "LI", "Lbl", "LBody"} <= set(roles)
    if kind != "confirmation" or scheme == "rfr-2024":
        assert {"Table", "TH", "TD", "TR", "THead"} <= set(roles)
    assert all(font_is_embedded(page) for page in reader.pages)


def structure(node: Any) -> list[str]:
    """The names of all structure elements, in order."""
    node = node.get_object()
    names = [node["/S"][1:]] if "/S" in node else []
    children = node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        child = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(child, dict):
            names += structure(child)
    return names


def font_is_embedded(page: Any) -> bool:
    """Whether every font of a page is in the file."""
    fonts = page["/Resources"]["/Font"].values()
    inner = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    return all("/FontFile2" in each or "/FontFile3" in each for each in inner)


def test_headings_go_down_one_step_at_a_time() -> None:
    levels = [int(role[1]) for role in structure_of(letter("decision")) if re.fullmatch(r"H\d", role)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert set(levels) == {1, 2}


def structure_of(made: Letter) -> list[str]:
    """The structure of a letter."""
    return structure(PdfReader(BytesIO(print_letter(made))).trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]


@pytest.mark.parametrize("kind", composing.KINDS)
def test_the_same_letter_is_the_same_bytes(kind: str) -> None:
    assert print_letter(letter(kind)) == print_letter(letter(kind))


def test_another_process_makes_the_same_bytes() -> None:
    script = (
        "import hashlib; from tests.letters.test_printing import letter, print_letter;"
        "print(hashlib.sha256(print_letter(letter('decision'))).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            text=True,
            env={"TZ": zone, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for zone, seed in (("UTC", "1"), ("Asia/Tokyo", "2"))
    }
    assert found == {hashlib.sha256(print_letter(letter("decision"))).hexdigest()}


def test_a_letter_kept_as_json_prints_the_same() -> None:
    made = letter("decision").as_record()
    kept = json.loads(json.dumps(made))
    assert print_record(kept) == print_record(made)
    assert digest_of(kept) == digest_of(made)
    assert digest_of(letter("decision", reason="Ett annat skäl").as_record()) != digest_of(made)


def test_the_date_is_that_of_the_decision() -> None:
    metadata = PdfReader(BytesIO(print_letter(letter("decision")))).metadata
    assert metadata is not None
    assert str(metadata.creation_date).startswith("2024-03-12")


def test_a_decision_says_everything() -> None:
    about = matter(participant=BO, applicant=ANNA)
    made = decided(about, amount=5_000_00, reason="Bara en del av resan hör till kursen.")
    text = said(print_letter(composing.decision(about, made, "sv")))
    for wanted in (
        "Beviljas delvis", "5 000 kr", "8 250 kr", "Bara en del av resan hör till kursen.",
        "Diana Ordförande", "Jannike Representant", "Ordförande i RFR", "RFR-representant",
        "1 mars 2024 10:00", "12 mars 2024 14:05", "ESC Congress", "Storbritannien", "7 400,00", "16 500,00",
        "Hälften av det som kan ersättas – avgör beloppet", "Åsa Öst Đorđević", "Łukasz Siǥga", "Så söker du igen",
        "RFR-2024-0012", "Senast 30 september 2024", "Senast 20 september 2024",
    ):  # fmt: skip
        assert re.sub(r"\s+", " ", wanted) in text.replace("/ ", "/"), wanted
    assert not re.search(r"rfr\.[a-z-]+", text), "a code"
    first = PdfReader(BytesIO(print_letter(composing.decision(about, made, "sv")))).pages[0].extract_text()
    for wanted in (
        "5 000 kr",
        "Bara en del av resan",
        "Jannike Representant",
        "Vad du gör nu",
        "Så söker du igen",
        "Om beslutet",
    ):
        assert wanted in first.replace("\xa0", " "), wanted


def test_asking_again_is_told_of_while_it_can_be_done() -> None:
    begun = matter(scheme="kvalitetsfondet-2023")
    for amount in (begun.version.amount, 100_00):
        text = said(
            print_letter(composing.decision(begun, decided(begun, amount=amount, reason="Skäl."), "sv"))
        )
        assert ("Så söker du igen" in text, "Om beslutet" in text) == (False, True)
    refused = decided(begun, reason="Fel kurs.", outcome=Outcome.REFUSE)
    assert "Så söker du igen" in said(print_letter(composing.decision(begun, refused, "sv")))


def test_fewer_days_are_said_to_be_fewer() -> None:
    about = matter(scheme="kvalitetsfondet-2023")
    first, last = date(2024, 6, 3), date(2024, 6, 14)
    kind = about.scheme.kinds["preapproval"]
    stated = {"course": "other", "starts_on": str(first), "ends_on": str(last), "days_wanted": "8"}
    about = replace(
        about,
        typed=read(kind, stated),
        application=replace(about.application, kind=kind.key, starts_on=first, ends_on=last, amount=0),
        version=replace(about.version, answers=stated, amount=0),
    )
    made = decided(about, reason="Sex kursdagar i programmet.")
    for half_days, wanted in ((12, True), (16, False)):
        fewer = replace(made, decision=replace(made.decision, days=half_days))
        text = said(print_letter(composing.decision(about, fewer, "sv")))
        assert ("Godkänns delvis" in text, "Önskat var 8 dagar" in text) == (wanted, wanted)
        assert f"{half_days // 2} dagar" in text
        assert "lämna tillbaka godkännandet" in text
        assert "pengarna" not in text


def test_an_invoice_says_whom_what_and_when() -> None:
    text = said(print_letter(letter("invoice")))
    for wanted in (
        "Koncernkontoret",
        "i84201",
        "4270700",
        "4711",
        "30 september 2024",
        "8 250 kr",
        "Ekonomi, Koncernkontoret",
    ):
        assert wanted in text, wanted
    with pytest.raises(ValueError, match="nothing to invoice"):
        letter("invoice", scheme="kvalitetsfondet-2023")


def test_the_head_of_a_table_is_on_every_page_it_runs_over() -> None:
    about = matter(costs=TWELVE * 4)
    reader = PdfReader(BytesIO(print_letter(composing.decision(about, decided(about), "sv"))))
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 2
    assert sum("Angivet" in page for page in pages) >= 2
    assert all(f"sida {number} av {len(pages)}" in page for number, page in enumerate(pages, 1))
    assert "11,2345" in pages[1]


@pytest.mark.parametrize(
    "name",
    ["Åsa Öst", "A\u030asa O\u0308st", "Đorđe Ćirić", "Łukasz Żółć", "Siǥga Ánnámárjá", "Ǩeeʹǩǩ Ǥiõll",
     "Ελένη Παπαδοπούλου", "Ђорђе Ћирић", "O'Neill–Ærø", "محمد العربي", "Nguyễn Thị Ánh"],
)  # fmt: skip
def test_names_are_printed_as_they_are_written(name: str) -> None:
    composed = unicodedata.normalize("NFC", name)
    assert printable(name) == composed
    text = said(print_letter(composing.decision(*named(name))))
    if not any("ARABIC" in unicodedata.name(c, "") for c in name):
        assert composed in text


def named(name: str) -> Any:
    """A decision for somebody of that name."""
    from dataclasses import replace

    person = replace(ANNA, name=name)
    about = matter(participant=person, applicant=person)
    return about, decided(about), "sv"


UNPRINTABLE = {
    "😀": "<U+1F600>", "漢": "<U+6F22>", "א": "<U+05D0>", "a\u200bb": "ab", "a\x07b": "ab", "a\ud800b": "ab",
    "a\tb": "a b", "a\u2003b": "a b",
}  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), UNPRINTABLE.items())
def test_what_no_font_has_is_shown_by_its_code(text: str, shown: str) -> None:
    assert " ".join(printable(text).split()) == shown
    assert shown in said(print_letter(composing.decision(*named(f"X {text}"))))


@settings(max_examples=40)
@given(st.text(max_size=200), st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_any_text_can_be_printed(reason: str, name: str) -> None:
    about, made, language = named(name)
    made = decided(about, amount=1_00, reason=reason or "x")
    assert print_letter(composing.decision(about, made, language)).startswith(b"%PDF-1.7")


MARKUP = (
    '#read("/etc/passwd")', "$ x $", "#{", "*bold*", "= Heading", "\\", "<label>", "@ref", "`raw`",
    "https://x.test/", '#image("x.png")', "{page}", "{version}",
)  # fmt: skip


@pytest.mark.parametrize("evil", MARKUP)
def test_what_people_write_is_never_markup(evil: str) -> None:
    about, _made, language = named("Anna")
    made = decided(about, amount=1_00, reason=f"[{evil}]")
    assert f"[{evil}]" in said(print_letter(composing.decision(about, made, language)))


def test_a_long_word_does_not_run_off_the_page() -> None:
    about, _made, language = named("Anna")
    made = decided(about, amount=1_00, reason="x" * 4000)
    pdf = print_letter(composing.decision(about, made, language))
    assert said(pdf).replace(" ", "").replace("\u200b", "").count("x" * 100) >= 1


def test_the_words_are_complete_and_the_fonts_are_those_vendored() -> None:
    assert len(words()) > 50
    sums = dict(reversed(line.split()) for line in (FONTS / "CHECKSUMS").read_text().splitlines())  # type: ignore[misc]
    assert {path.name for path in FONTS.glob("*.ttf")} == set(sums)
    for name, digest in sums.items():
        assert hashlib.sha256((FONTS / name).read_bytes()).hexdigest() == digest
    assert (FONTS / "OFL.txt").exists()
    assert {ord(c) for c in "åäöøæčžđŋŧǥǩ€–“”ąęłαω"} <= covered()


def test_typst_is_not_imported_before_the_first_letter() -> None:
    script = "import sys, portal.letters.orders, portal.web.letters; sys.exit('typst' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
