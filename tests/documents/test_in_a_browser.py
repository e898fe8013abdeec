"""Attaching files in a real browser: by button, by drag, slowly, on a telephone, without JavaScript."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.documents import made
from tests.support.browser import axe
from tests.support.fund import LIMIT, Fund
from tests.support.server import serving

pytestmark = pytest.mark.browser

NAME = "Kursbevis på Skrøpelige eldre, 2 dager.pdf"

ANOTHER_SETTLES = """document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (!target.matches("[data-sent-files]")) return;
  document.querySelector("#assessment").dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true }));
})"""
"""Lets the answer of a check arrive between the swap of the files and its end, as it now and then does."""

DROP = """([selector, name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const area = document.querySelector(selector).closest("[data-drop]");
  for (const kind of ["dragover", "drop"]) {
    area.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


AT_ONCE = """([area, name, bytes]) => new MutationObserver((_seen, observer) => {
  observer.disconnect();
  const data = new DataTransfer(), input = document.querySelector(`${area} input[type=file]`);
  data.items.add(new File([new Uint8Array(bytes)], name));
  input.files = data.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}).observe(document.querySelector(area).parentElement, { childList: true })"""
"""Chooses a file at the first moment at which the answer stands on the page."""


@pytest.fixture
def address(fund: Fund) -> Iterator[str]:
    """Where the portal is served."""
    with serving(fund.app) as url:
        yield url


@pytest.fixture
def opened(fund: Fund, address: str, new_page: Callable[..., Page]) -> Callable[..., tuple[Page, str]]:
    """Opens a new draft of kari's in a browser of its own."""

    def open_draft(**options: object) -> tuple[Page, str]:
        token, page = fund.draft(), new_page(**options)
        page.goto(f"{address}/sign-in")
        page.locator(f"button[name=person][value='{fund['kari'].id}']").first.click()
        page.goto(f"{address}/drafts/{token}")
        return page, token

    return open_draft


def file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def names(fund: Fund, token: str) -> list[tuple[str, str]]:
    return [(document.kind, document.name) for document in fund.of_draft(token)]


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 1280, "height": 900}},
        {"viewport": {"width": 375, "height": 800}, "has_touch": True},
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    ],
    ids=["wide", "telephone", "dark"],
)
def test_files_are_attached_as_they_are_chosen(
    fund: Fund, opened: Callable[..., tuple[Page, str]], tmp_path: Path, options: dict[str, object]
) -> None:
    page, token = opened(**options)
    expect(page.locator("#documents [data-without-script]")).to_be_hidden()
    page.locator("#fee").fill("6 100")
    page.locator("#documents-certificate").focus()
    page.locator("#documents-certificate").set_input_files([file(tmp_path, NAME, made.pdf())])
    expect(page.locator("#documents-certificate-area")).to_contain_text(NAME)
    expect(page.locator("#documents-certificate")).to_be_focused()
    sent = [file(tmp_path, "kvittering.jpg", made.jpeg(made.exif())), file(tmp_path, "feil.gif", b"GIF89a")]
    page.locator("#documents-receipt").set_input_files(sent)
    expect(page.locator("#documents-receipt-area li")).to_have_count(1)
    expect(page.locator("#documents-receipt-error")).to_contain_text("“feil.gif” is no PDF")
    expect(page.locator("#assessment")).to_contain_text("absence")
    expect(page.locator("#assessment")).not_to_contain_text("receipt or invoice for the fee")
    expect(page.locator("#fee")).to_have_value("6 100")
    expect(page.locator("#documents-receipt-error")).to_contain_text("“feil.gif” is no PDF")
    assert names(fund, token) == [("certificate", NAME), ("receipt", "kvittering.jpg")]
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate(ANOTHER_SETTLES)
    page.locator("#documents-receipt-area").get_by_role("button", name="Remove").click()
    expect(page.locator("#documents-receipt-area li")).to_have_count(0)
    expect(page.locator("#documents-receipt")).to_be_focused()
    assert names(fund, token) == [("certificate", NAME)]


def test_a_file_can_be_dragged(fund: Fund, opened: Callable[..., tuple[Page, str]]) -> None:
    page, token = opened()
    page.evaluate(DROP, ["#documents-absence", "fravær.docx", "", list(made.docx())])
    expect(page.locator("#documents-absence-area")).to_contain_text("fravær.docx")
    assert names(fund, token) == [("absence", "fravær.docx")]


def test_a_file_chosen_the_moment_the_last_is_taken_is_sent_too(
    fund: Fund, opened: Callable[..., tuple[Page, str]], tmp_path: Path
) -> None:
    page, token = opened()
    page.evaluate(AT_ONCE, ["#documents-receipt-area", "andre.pdf", list(made.pdf("andre"))])
    page.locator("#documents-receipt").set_input_files([file(tmp_path, "første.pdf", made.pdf("første"))])
    expect(page.locator("#documents-receipt-area li")).to_have_count(2)
    assert names(fund, token) == [("receipt", "første.pdf"), ("receipt", "andre.pdf")]


def test_too_large_is_said_before_anything_is_sent(
    fund: Fund, opened: Callable[..., tuple[Page, str]], tmp_path: Path
) -> None:
    page, token = opened()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    large = file(tmp_path, "stor.pdf", made.pdf() + b"%" * LIMIT)
    page.locator("#documents-receipt").set_input_files([large])
    expect(page.locator("#documents-receipt-error")).to_contain_text("“stor.pdf” is larger than 293 kB")
    assert not [url for url in asked if url.endswith("/documents")]
    page.locator("#documents-receipt").set_input_files([large, file(tmp_path, "liten.pdf", made.pdf())])
    expect(page.locator("#documents-receipt-area li")).to_have_count(1)
    expect(page.locator("#documents-receipt-error")).to_contain_text("“stor.pdf” is larger than 293 kB")
    assert names(fund, token) == [("receipt", "liten.pdf")]


def test_a_slow_upload_shows_how_far_it_is_and_cannot_be_overtaken(
    fund: Fund, opened: Callable[..., tuple[Page, str]], tmp_path: Path
) -> None:
    page, token = opened()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}
    network.send("Network.emulateNetworkConditions", slow)
    head, tail = made.pdf()[:-30], made.pdf()[-30:]
    page.locator("#documents-receipt").set_input_files(
        [file(tmp_path, "k.pdf", head + b"\n" * 200_000 + tail)]
    )
    bar = page.locator("#documents-receipt-area [data-progress]")
    expect(bar).to_be_visible()
    page.get_by_role("button", name="Review and send").click()
    expect(page.locator("#trouble")).to_contain_text("The files are still being sent.")
    assert not page.url.endswith("/review")
    expect(page.locator("#documents-receipt-area li")).to_have_count(1, timeout=20_000)
    expect(bar).to_be_hidden()
    assert names(fund, token) == [("receipt", "k.pdf")]


def test_two_kinds_can_be_sent_at_the_same_time(
    fund: Fund, opened: Callable[..., tuple[Page, str]], tmp_path: Path
) -> None:
    page, token = opened()
    for proves in ("certificate", "receipt", "absence"):
        page.locator(f"#documents-{proves}").set_input_files(
            [file(tmp_path, f"{proves}.pdf", made.pdf(proves))]
        )
    for proves in ("certificate", "receipt", "absence"):
        expect(page.locator(f"#documents-{proves}-area")).to_contain_text(f"{proves}.pdf")
    expect(page.locator("#assessment")).not_to_contain_text("Attach")
    assert sorted(names(fund, token)) == [(p, f"{p}.pdf") for p in ("absence", "certificate", "receipt")]


def test_without_javascript(fund: Fund, opened: Callable[..., tuple[Page, str]], tmp_path: Path) -> None:
    page, token = opened(java_script_enabled=False)
    page.locator("#fee").fill("6 100")
    page.locator("#documents-certificate").set_input_files([file(tmp_path, NAME, made.pdf())])
    page.locator("#documents-receipt").set_input_files([file(tmp_path, "feil.gif", b"GIF89a")])
    page.get_by_role("button", name="Attach the files chosen").click()
    expect(page.locator("main")).to_contain_text("“feil.gif” is no PDF")
    expect(page.locator("#documents-certificate-area")).to_contain_text(NAME)
    expect(page.locator("#fee")).to_have_value("6 100")
    page.get_by_role("button", name=f"Remove {NAME}").click()
    expect(page.locator("#documents-certificate-area li")).to_have_count(0)
    assert names(fund, token) == []


def test_a_cleaned_picture_is_still_a_picture(page: Page, address: str) -> None:
    import base64

    from portal.documents.inspecting import inspect

    page.goto(f"{address}/sign-in")
    for name, content, media, size in (
        ("a.jpg", made.jpeg(made.exif(1)), "image/jpeg", [8, 8]),
        ("b.jpg", made.jpeg(made.exif(6), height=16), "image/jpeg", [16, 8]),
        ("c.png", made.png(20, 10, made.chunk(b"tEXt", b"a\0b")), "image/png", [20, 10]),
    ):
        kept = base64.b64encode(inspect(name, content).content).decode()
        shown = page.evaluate(
            """async ([media, kept]) => {
              const bytes = Uint8Array.from(atob(kept), (each) => each.charCodeAt(0));
              const picture = await createImageBitmap(new Blob([bytes], { type: media }));
              return [picture.width, picture.height];
            }""",
            [media, kept],
        )
        assert shown == size, name


def test_a_fetched_document_is_saved_under_its_name(
    fund: Fund, opened: Callable[..., tuple[Page, str]], tmp_path: Path
) -> None:
    page, token = opened()
    fund.attach(token, "certificate", NAME, made.pdf())
    page.reload()
    with page.expect_download() as fetched:
        page.get_by_role("link", name=NAME).click()
    assert fetched.value.suggested_filename == NAME
    assert Path(fetched.value.path()).read_bytes() == made.pdf()
