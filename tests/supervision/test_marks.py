"""What a preview marks."""

from django.utils.safestring import mark_safe

from supervision.templatetags.packs import marked


def test_the_reference_and_the_marks_are_marked() -> None:
    html = mark_safe("<p>C-0042 rang <em>[GP]</em>, not [gp].</p>")

    assert marked(html, "C-0042") == "<p><mark>C-0042</mark> rang <em><mark>[GP]</mark></em>, not [gp].</p>"


def test_what_stands_in_a_tag_is_left_alone() -> None:
    html = mark_safe('<a href="https://example.org/C-0042">C-0042</a>')

    assert marked(html, "C-0042") == '<a href="https://example.org/C-0042"><mark>C-0042</mark></a>'
