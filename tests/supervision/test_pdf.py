"""The file that leaves."""

import io
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from supervision.pdf import Case, Sheet, pack_pdf

LOSSY = "Some signs in these notes could not be shown."


def pack(text: str, question: str = "") -> PdfReader:
    sheet = Sheet(prepared_by="Sam Reed", released_on=date(2026, 11, 22), cases=[Case("C-0042", 7, question, text)])
    return PdfReader(io.BytesIO(pack_pdf(sheet)))


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def root(reader: PdfReader) -> Any:
    return reader.trailer["/Root"]


def is_accessible(reader: PdfReader) -> bool:
    return b"pdfuaid" in root(reader)["/Metadata"].get_data() and "/StructTreeRoot" in root(reader)


def test_it_has_a_title_a_language_and_tags() -> None:
    reader = pack("Words.")

    assert reader.metadata is not None
    assert (reader.metadata.title, root(reader)["/Lang"]) == ("Supervision pack", "en-GB")
    assert is_accessible(reader)


def test_a_case_shows_its_reference_session_and_question() -> None:
    text = words(pack("We sat **quietly**.\n\n- one\n- two", "What did I miss?"))

    assert "C-0042, session 7 Question What did I miss? We sat quietly. • one • two Confidential." in text


def test_markup_of_typst_and_html_stays_text() -> None:
    hostile = '#eval("1 + 1") #read("pack.typ") #import "x" $x$ @ref <tag> #panic() <b>b</b> [a](http://x.test)'

    assert hostile in words(pack(hostile, hostile)).replace("“", '"').replace("”", '"')


def test_emoji_are_named_and_the_file_stays_accessible() -> None:
    reader = pack("A seed \U0001f331, a heart \u2764\ufe0f.")

    assert "A seed [seedling], a heart [heavy black heart]." in words(reader)
    assert is_accessible(reader)


def test_a_sign_that_no_font_has_does_not_stop_it() -> None:
    reader = pack("Here \U00016fe4 it is.")

    assert "it is." in words(reader)
    assert is_accessible(reader) is not (LOSSY in words(reader))


@pytest.mark.parametrize("text", ["שלום וברכה", "سلام عليكم", "mixed שלום and سلام."])
def test_writing_from_right_to_left_is_set(text: str) -> None:
    assert is_accessible(pack(text))


@pytest.mark.parametrize("text", ["Word and more. " * 1400, "x" * 20_000, "> " * 300 + "deep", "p\n\n" * 2000])
def test_long_and_deep_texts_are_set(text: str) -> None:
    reader = pack(text)

    assert is_accessible(reader)
    assert words(reader).count(text[:1]) >= text.count(text[:1])


def test_nothing_of_a_deeply_nested_text_is_lost() -> None:
    assert words(pack("> " * 60 + "deep down\n\nand after")).count("deep down") == 1


def test_control_signs_are_left_out() -> None:
    assert "a b c" in words(pack("a\x01 b\x7f c"))
