"""Sending files to a draft: with and without JavaScript, several at once, too large, and nothing typed lost."""

import re
from io import BytesIO

import pytest
from markupsafe import escape
from werkzeug.http import parse_options_header

from portal.documents import inspecting
from portal.language import catalogue
from portal.store import drafts
from portal.web.limits import FILES_AT_ONCE, Arriving
from portal.web.refill import AGAIN
from tests.documents import made
from tests.support.fund import BOUNDARY, LIMIT, Fund, multipart
from tests.support.portals import Clock
from tests.support.region import text_of

HTMX = {"HX-Request": "true"}


def names(fund: Fund, token: str) -> list[tuple[str, str]]:
    return [(document.kind, document.name) for document in fund.of_draft(token)]


def typed_form(fund: Fund, token: str, **typed: object) -> dict[str, object]:
    with fund.database.reading() as session:
        draft = drafts.get(session, token)
    return {**draft.answers, "revision": str(draft.revision), **typed}


def pdf_over_the_limit() -> bytes:
    return made.pdf() + b"%" * LIMIT


def test_several_files_of_several_kinds_at_once(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    answer = fund.send(
        kari,
        token,
        ("certificate", "Kursbevis på Skrøpelige eldre, 2 dager.pdf", made.pdf("bevis")),
        ("receipt", "kvittering.jpg", made.jpeg(made.exif())),
        ("receipt", "faktura.PNG", made.png()),
        ("absence", "fravær.docx", made.docx()),
    )
    assert answer.status_code == 303
    assert names(fund, token) == [
        ("certificate", "Kursbevis på Skrøpelige eldre, 2 dager.pdf"),
        ("receipt", "kvittering.jpg"),
        ("receipt", "faktura.PNG"),
        ("absence", "fravær.docx"),
    ]
    for document in fund.of_draft(token):
        assert len(fund.files.get(document.sha256)) == document.size
    said = text_of(kari.get(f"/drafts/{token}/documents"))
    assert "4 files are attached." in said
    assert "Kursbevis på Skrøpelige eldre, 2 dager.pdf" in said


def test_one_refused_file_keeps_no_other_out(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    answer = fund.send(
        kari,
        token,
        ("receipt", "program.exe", b"MZ"),
        ("receipt", "kvittering.pdf", made.pdf()),
        ("certificate", "bevis.pdf", b"Hej"),
    )
    assert answer.status_code == 422
    assert names(fund, token) == [("receipt", "kvittering.pdf")]
    said = text_of(answer)
    assert "“program.exe” is no PDF, JPEG, PNG or DOCX." in said
    assert "“bevis.pdf” does not hold what its name says." in said


def test_with_a_script_the_answer_is_the_fragment(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    data = {"documents-receipt": (BytesIO(made.pdf()), "k.pdf")}
    answer = kari.post(f"/drafts/{token}/documents", data, content_type="multipart/form-data", headers=HTMX)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div class="evidence" id="documents"')
    assert 'data-announce="1 file is attached"' in page
    [document] = fund.of_draft(token)
    removed = kari.post(
        f"/drafts/{token}/documents", {"action": f"remove-document-{document.id}"}, headers=HTMX
    )
    assert "is removed" in removed.get_data(as_text=True)
    assert fund.of_draft(token) == []


def test_the_limit_is_told_before_and_after(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    assert "at most 293 kB each" in text_of(kari.get(f"/drafts/{token}"))
    answer = fund.send(
        kari, token, ("receipt", "stor.pdf", pdf_over_the_limit()), ("receipt", "liten.pdf", made.pdf())
    )
    assert answer.status_code == 422
    assert "“stor.pdf” is larger than 293 kB, which is the most a file may be." in text_of(answer)
    assert names(fund, token) == [("receipt", "liten.pdf")]


def test_what_is_over_the_limit_is_counted_and_not_kept() -> None:
    with Arriving(100_000) as arriving:
        for _chunk in range(1_000):
            arriving.write(b"x" * 1_000)
        assert arriving.arrived == 1_000_000
        arriving.seek(0)
        assert len(arriving.read()) == 100_000


def test_a_file_of_just_the_limit_is_taken(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    head, tail = made.pdf()[:-30], made.pdf()[-30:]
    just = head + b"\n" * (LIMIT - len(head) - len(tail)) + tail
    for content, status in ((just, 303), (just[:-20] + b"\n" + just[-20:], 422)):
        assert fund.send(kari, token, ("receipt", "a.pdf", content)).status_code == status
    assert [document.size for document in fund.of_draft(token)] == [LIMIT]


def test_what_scanners_leave_behind_the_end_is_no_damage(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    for number, padding in enumerate((b"\xff" * 4_096, b"\0" * 4_096, b"\r\n" + b" " * 4_096)):
        sent = fund.send(kari, token, ("receipt", f"{number}.pdf", made.pdf() + padding))
        assert sent.status_code == 303, text_of(sent)
    broken = fund.send(kari, token, ("receipt", "half.pdf", made.pdf()[:-60] + b"\xff" * 4_096))
    assert "“half.pdf” is damaged or not complete." in text_of(broken)


def test_the_form_without_a_script_keeps_what_was_typed_and_the_files(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    page = kari.get(f"/drafts/{token}").get_data(as_text=True)
    form = re.search(r"<form[^>]*id=\"application\"[^>]*>", page)
    assert form
    assert 'enctype="multipart/form-data"' in form[0]
    assert "data-without-script" in page
    typed = typed_form(fund, token, fee="6 100", action="attach")
    typed["documents-receipt"] = [(BytesIO(made.pdf()), "k.pdf"), (BytesIO(b"x"), "bild.gif")]
    answer = kari.post(f"/drafts/{token}", typed, content_type="multipart/form-data")
    assert answer.status_code == 303
    said = text_of(kari.get(answer.location))
    assert "“bild.gif” is no PDF" in said
    assert "1 file is attached." in said
    assert names(fund, token) == [("receipt", "k.pdf")]
    with fund.database.reading() as session:
        kept = drafts.get(session, token)
    assert kept.answers["fee"] == "6 100"
    assert "documents" not in kept.answers


def test_another_language_without_a_script_says_which_files_to_choose_again(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    file = (BytesIO(made.pdf()), "kvittering.pdf")
    answer = kari.post(
        f"/drafts/{token}", typed_form(fund, token, **{"lang": "sv", "documents-receipt": file})
    )
    page, again = answer.get_data(as_text=True), catalogue.said(AGAIN, "sv")
    assert (answer.status_code, page.count(f">{again}<"), names(fund, token)) == (200, 1, [])
    assert f'id="documents-receipt-error">{again}<' in page


def test_files_chosen_and_not_yet_attached_go_along_to_the_review(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    typed = typed_form(fund, token, action="review")
    for proves in ("certificate", "receipt", "absence"):
        typed[f"documents-{proves}"] = (BytesIO(made.pdf(proves)), f"{proves}.pdf")
    answer = kari.post(f"/drafts/{token}", typed, content_type="multipart/form-data")
    assert answer.location.endswith("/review")
    said = text_of(kari.get(answer.location))
    assert all(f"{proves}.pdf" in said for proves in ("certificate", "receipt", "absence"))
    assert "has to be answered" not in said


def test_removing_in_the_form_without_a_script_saves_it_too(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    document = fund.attach(token, "receipt", "fel.pdf")
    typed = typed_form(fund, token, fee="6 200", action=f"remove-document-{document.id}")
    answer = kari.post(f"/drafts/{token}", typed, content_type="multipart/form-data")
    assert "“fel.pdf” is removed." in text_of(kari.get(answer.location))
    assert fund.of_draft(token) == []
    with fund.database.reading() as session:
        assert drafts.get(session, token).answers["fee"] == "6 200"
    again = kari.post(f"/drafts/{token}/documents", {"action": f"remove-document-{document.id}"})
    assert again.status_code == 303


@pytest.mark.parametrize("action", ["remove-document-", "remove-document-x", "remove-document-9" + "9" * 30])
def test_a_strange_button_removes_nothing(fund: Fund, action: str) -> None:
    token, kari = fund.draft(), fund.at("kari")
    fund.attach(token, "receipt")
    assert kari.post(f"/drafts/{token}/documents", {"action": action}).status_code == 303
    assert len(fund.of_draft(token)) == 1


def test_what_a_browser_claims_of_documents_does_not_count(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    fund.attach(token, "receipt")
    claimed = typed_form(fund, token, documents=["certificate", "receipt", "absence"])
    said = text_of(kari.post(f"/drafts/{token}/check", claimed, headers=HTMX))
    assert "certificate" in said
    kari.post(f"/drafts/{token}", {**claimed, "action": "save"})
    with fund.database.reading() as session:
        assert "documents" not in drafts.get(session, token).answers
    review = text_of(kari.get(f"/drafts/{token}/review"))
    assert "has to be answered" in review or "have to be answered" in review


def test_the_live_check_follows_what_is_attached(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")

    def left() -> int:
        said = kari.post(f"/drafts/{token}/check", typed_form(fund, token), headers=HTMX)
        return said.get_data(as_text=True).count('data-field="documents"')

    counts = [left()]
    for proves in ("certificate", "receipt", "absence"):
        fund.attach(token, proves)
        counts.append(left())
    assert counts == [3, 2, 1, 0]


def test_more_than_everything_is_413_with_the_limit_in_words(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    content = made.pdf() + b"%" * (LIMIT * FILES_AT_ONCE + 4 * 1024 * 1024)
    answer = fund.send(kari, token, ("receipt", "allt.pdf", content))
    assert answer.status_code == 413
    assert "at most 293 kB" in text_of(answer)
    assert fund.of_draft(token) == []
    fragment = fund.send(kari, token, ("receipt", "allt.pdf", content), headers=HTMX)
    assert (fragment.status_code, "at most 293 kB" in text_of(fragment)) == (413, True)


def test_a_stranger_gets_less_room(fund: Fund) -> None:
    token = fund.draft()
    body = multipart({}, [("receipt", "a.pdf", b"x" * (LIMIT + 4 * 1024 * 1024))])
    for sent in (body, b"x" * 20_000):
        for path in (f"/drafts/{token}/documents", "/sign-in", "/language", "/sign-out"):
            answer = fund.app.test_client().post(
                path, input_stream=BytesIO(sent), content_type=f"multipart/form-data; boundary={BOUNDARY}"
            )
            assert answer.status_code == 413


def test_a_form_holds_what_it_needs(fund: Fund, clock: Clock) -> None:
    token, kari = fund.draft(), fund.at("kari")
    too_long = kari.post(
        "/account/password", {"new_password": "x" * 300_000}, headers={"Accept-Language": "en"}
    )
    assert too_long.status_code == 413
    assert "Go back, where what you typed still stands" in text_of(too_long)
    draft = {"revision": "0", "action": "save", "course": "å" * 25_000}
    assert kari.post(f"/drafts/{token}/save", draft).status_code == 303
    assert kari.post(f"/drafts/{token}/save", {f"a{n}": "x" for n in range(1_100)}).status_code == 413
    clock.forward(minutes=31)
    late = kari.post(f"/drafts/{token}/save", draft | {"revision": "1", "course": "ö" * 25_000})
    assert late.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', late.get_data(as_text=True))
    assert kept
    assert kari.post("/sign-in", {"login": "x", "kept": kept[1] + "." * 30_000}).status_code == 422


def test_a_lie_about_the_length_is_refused_unread(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    answer = kari.client.post(
        f"/drafts/{token}/documents",
        content_type="multipart/form-data; boundary=x",
        data=b"--x",
        environ_overrides={"CONTENT_LENGTH": "629145600"},
    )
    assert answer.status_code == 413


def test_too_many_parts_and_too_much_text_are_refused(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    many = {f"part{number}": "x" for number in range(1_100)}
    assert fund.send(kari, token, typed=many).status_code == 413
    assert fund.send(kari, token, typed={"text": "x" * (2 * 1024 * 1024 + 1)}).status_code == 413
    assert fund.of_draft(token) == []


def test_the_same_file_again_is_the_same_document(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    for _time in range(3):
        fund.send(kari, token, ("receipt", "k.pdf", made.pdf()))
    assert names(fund, token) == [("receipt", "k.pdf")]
    fund.send(kari, token, ("absence", "k.pdf", made.pdf()))
    assert names(fund, token) == [("receipt", "k.pdf"), ("absence", "k.pdf")]


def test_there_is_an_end_to_how_many(fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.actions.documents.MOST_DOCUMENTS", 2)
    token, kari = fund.draft(), fund.at("kari")
    sent = [("receipt", f"{number}.pdf", made.pdf(str(number))) for number in range(3)]
    answer = fund.send(kari, token, *sent)
    assert answer.status_code == 422
    assert "“2.pdf” was not attached: there are 2 files already." in text_of(answer)
    assert len(fund.of_draft(token)) == 2


def test_whoever_sends_too_often_waits(fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.limits.UPLOADS", "2 per hour")
    token, kari, ola = fund.draft(), fund.at("kari"), fund.at("ola")
    answers = [fund.send(kari, token, ("receipt", f"{n}.pdf", made.pdf(str(n)))) for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 422]
    assert "“2.pdf” was not attached, because too many files were sent" in text_of(answers[-1])
    answer = fund.send(
        kari,
        token,
        ("receipt", "3.pdf", made.pdf("3")),
        to=f"/drafts/{token}",
        typed={"revision": "0", "fee": "5 900", "action": "save"},
    )
    assert answer.status_code == 303
    assert 'value="5 900"' in kari.get(answer.location).get_data(as_text=True)
    assert len(fund.of_draft(token)) == 2
    others = fund.draft("ola")
    assert fund.send(ola, others, ("receipt", "a.pdf", made.pdf())).status_code == 303


def test_megabytes_are_counted_too(fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.limits.MEGABYTES", "2 per hour")
    token, kari = fund.draft(), fund.at("kari")
    answers = [fund.send(kari, token, ("receipt", f"{n}.pdf", made.pdf(str(n)))) for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 422]


def test_a_file_that_takes_too_long_is_refused_in_words_and_the_rest_is_kept(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.apply.documents.judge_apart", inspecting.judge_apart)
    token, kari = fund.draft(), fund.at("kari")
    typed = {"revision": "0", "fee": "5 900", "action": "save"}
    assert fund.send(kari, token, ("receipt", "a.jpg", made.jpeg(made.exif(1)))).status_code == 303
    assert fund.send(kari, token, ("receipt", "b.pdf", made.active_pdf("<</AA<<>>>>"))).status_code == 422
    monkeypatch.setattr("portal.documents.apart._SECONDS", 0.001)
    answer = fund.send(kari, token, ("receipt", "c.pdf", made.pdf()), to=f"/drafts/{token}", typed=typed)
    page = kari.get(answer.location).get_data(as_text=True)
    assert "“c.pdf” took too long to look through" in page
    assert 'value="5 900"' in page
    [kept] = fund.of_draft(token)
    assert fund.files.get(kept.sha256) == made.jpeg()


def test_a_form_that_asks_for_no_documents_has_no_place_for_them(fund: Fund) -> None:
    token = fund.world.draft("anna")
    anna = fund.at("anna")
    assert 'type="file"' not in anna.get(f"/drafts/{token}").get_data(as_text=True)
    assert anna.get(f"/drafts/{token}/documents").status_code == 404
    assert fund.send(anna, token, ("receipt", "a.pdf", made.pdf())).status_code == 404


NAMES = {
    "å, ø & \"æ\" ; 'x'.pdf": "å, ø & \"æ\" ; 'x'.pdf",
    "../../x.pdf": "x.pdf",
    "kvitto\u202efdp.pdf": "kvittofdp.pdf",
    "y" * 300 + ".pdf": "y" * 146 + ".pdf",
    "<b>fet<%b>.pdf": "<b>fet<%b>.pdf",
    "100 % sant; filename=evil.html.pdf": "100 % sant; filename=evil.html.pdf",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=range(len(NAMES)))
def test_a_name_is_shown_escaped_and_served_whole(fund: Fund, name: str, shown: str) -> None:
    token, kari = fund.draft(), fund.at("kari")
    assert fund.send(kari, token, ("receipt", name, made.pdf())).status_code == 303
    [document] = fund.of_draft(token)
    assert document.name == shown
    page = kari.get(f"/drafts/{token}/documents").get_data(as_text=True)
    assert f"<bdi>{escape(shown)}</bdi></a>" in page
    fetched = kari.get(f"/drafts/{token}/documents/{document.id}")
    assert fetched.mimetype == "application/pdf"
    kind, options = parse_options_header(fetched.headers["Content-Disposition"])
    assert (kind, options["filename"]) == ("attachment", shown)
    assert not re.search("[\r\n\u202e]", fetched.headers["Content-Disposition"])
