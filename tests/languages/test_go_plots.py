"""Plots of Go's package `display`, by what their SVG has."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from frontend import FrontEnd

SVG = "{http://www.w3.org/2000/svg}"


def drawn(go: FrontEnd, fields: str, series: str) -> ElementTree.Element:
    """The root of what such a plot becomes."""
    result = go.execute(f"display.Plot{{{fields} Series: []display.Series{{{series}}}}}")
    assert (result.status, result.stderr) == ("ok", ""), result.content
    (shown,) = result.of_type("execute_result")
    return ElementTree.fromstring(shown["data"]["image/svg+xml"])


def texts(plot: ElementTree.Element) -> list[str]:
    return [one.text for one in plot.iter(f"{SVG}text") if one.text]


def points(plot: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """Of lines, by their pieces."""
    return [
        [tuple(map(float, point.split(","))) for point in piece.split("L")]
        for path in plot.iter(f"{SVG}path")
        for piece in path.attrib["d"].split("M")[1:]
    ]


def filled(plot: ElementTree.Element) -> list[dict[str, float]]:
    """The bars, without background and legend."""
    return [
        {key: float(one.attrib[key]) for key in ("x", "y", "width", "height")}
        for one in plot.iter(f"{SVG}rect")
        if "rx" not in one.attrib and one.attrib["width"] != "100%"
    ]


def test_a_line_has_axes_title_and_labels(go: FrontEnd):
    plot = drawn(
        go,
        'Title: "Rise & <fall>", X: "t", Y: "U\\x00\\xff",',
        'display.Line("", []int{0, 10, 20}, []float64{0, 100, 50}),',
    )
    assert (plot.attrib["width"], plot.attrib["height"]) == ("640", "400")
    found = texts(plot)
    assert found[:6] == ["0", "20", "40", "60", "80", "100"]
    assert found[6:11] == ["0", "5", "10", "15", "20"]
    assert found[11:] == ["Rise & <fall>", "t", "U \ufffd"]
    ((first, highest, last),) = points(plot)
    assert highest[1] < last[1] < first[1]
    assert math.isclose(highest[0] - first[0], last[0] - highest[0], abs_tol=0.2)
    assert math.isclose(last[1] - highest[1], first[1] - last[1], abs_tol=0.2)


def test_several_series_have_a_legend_and_colours_of_their_own(go: FrontEnd):
    plot = drawn(
        go,
        "Width: 300, Height: 200,",
        'display.Line("one", []int(nil), []int{1, 2}), '
        'display.Scatter("two", []float32{0, 1, 1}, []uint8{1, 2, 3}),',
    )
    assert (plot.attrib["width"], plot.attrib["height"]) == ("300", "200")
    assert texts(plot)[-2:] == ["one", "two"]
    assert len(list(plot.iter(f"{SVG}circle"))) == 3
    (path,), (group,) = plot.iter(f"{SVG}path"), plot.iter(f"{SVG}g")
    assert path.attrib["stroke"] != group.attrib["fill"]


def test_bars_stand_on_zero_beside_each_other(go: FrontEnd):
    plot = drawn(
        go,
        "",
        'display.Bars("a", []string{"x", "y"}, []int{2, -1}), '
        'display.Bars("b", []string{"z", "x"}, []float64{1, 4}),',
    )
    found = texts(plot)
    assert [label for label in found if label in "xyz"] == ["x", "y", "z"]
    up, down, third, tall = filled(plot)
    assert math.isclose(up["y"] + up["height"], down["y"], abs_tol=0.2)
    assert math.isclose(tall["height"], 2 * up["height"], abs_tol=0.3)
    assert up["x"] + up["width"] <= tall["x"] < down["x"] < third["x"]


def test_labels_that_are_many_are_slanted_and_shortened(go: FrontEnd):
    labels = ", ".join(f'"remarkable label {n}"' for n in range(60))
    plot = drawn(go, "", f'display.Bars("", []string{{{labels}}}, make([]int, 60)),')
    shown = [one for one in plot.iter(f"{SVG}text") if "rotate" in one.attrib.get("transform", "")]
    found = [one.text for one in shown if one.text]
    assert set(found) == {"remarkabl…"}
    assert 10 < len(found) < 60


def test_what_is_no_number_is_a_gap(go: FrontEnd):
    plot = drawn(
        go,
        "",
        'display.Line("", []int(nil), []float64{1, 2, math.NaN(), 3, math.Inf(1), 4}), '
        'display.Scatter("", []float64{0, math.NaN()}, []int{1, 2}), '
        'display.Bars("", []string{"a", "b"}, []float64{math.Inf(-1), 1}),',
    )
    assert [len(piece) for piece in points(plot)] == [2, 1, 1]
    assert len(list(plot.iter(f"{SVG}circle"))) == 1
    assert len(filled(plot)) == 1
    assert not re.search("nan|inf", ElementTree.tostring(plot, "unicode"), re.IGNORECASE)


@pytest.mark.parametrize(
    "series",
    [
        "",
        'display.Line("", []int{}, []int{}),',
        'display.Line("", []int{5}, []int{7}),',
        'display.Line("", []int{0, 0}, []int{0, 0}),',
        'display.Line("", []int{1, 2}, []float64{-math.MaxFloat64, math.MaxFloat64}),',
        'display.Line("", []int{1, 2}, []float64{0, math.SmallestNonzeroFloat64}),',
        'display.Line("", []float64{1e15, 1e15 + 0.25}, []float64{1, 1 + 1e-15}),',
        'display.Bars("", []string{}, []int{}),',
    ],
)
def test_extremes_are_drawn_within_the_frame(go: FrontEnd, series: str):
    plot = drawn(go, "", series)
    assert not re.search("nan|inf", ElementTree.tostring(plot, "unicode"), re.IGNORECASE)
    for x, y in (point for piece in points(plot) for point in piece):
        assert 0 <= x <= 640
        assert 0 <= y <= 400


def test_a_million_points_keep_their_extremes_and_a_small_size(go: FrontEnd):
    code = """
func many() []float64 {
    found := make([]float64, 1_000_000)
    found[123_456] = 5
    return found
}
"""
    assert go.execute(code).status == "ok"
    plot = drawn(go, "", 'display.Line("", []int(nil), many()),')
    (line,) = points(plot)
    assert len(line) < 4100
    assert min(y for _, y in line) < max(y for _, y in line) - 200
    cloud = drawn(go, "", 'display.Scatter("", []int(nil), many()),')
    assert len(list(cloud.iter(f"{SVG}circle"))) == 4000


def test_lengths_that_differ_are_an_error(go: FrontEnd):
    result = go.execute('display.Line("a", []int{1}, []int{1, 2})')
    assert result.evalue == 'display: the line "a" has 1 x for 2 y'
    result = go.execute('display.Bars("a", []string{"x"}, []int{1, 2})')
    assert result.evalue == "display.Bars: there are 1 labels for 2 values"


def test_a_plot_is_a_value_that_lives_on_and_updates(go: FrontEnd):
    code = """
bars := display.Bars("n", []string{"x"}, []int{1})
kept := display.Plot{Title: "kept", Series: []display.Series{bars}}
"""
    assert go.execute(code).stderr == ""
    result = go.execute("display.Text(`before`).Update(kept)\nkept.String()")
    *_, update = result.of_type("update_display_data")
    assert update["data"]["text/plain"] == "[plot kept (n: bars of 1)]"
    assert "image/svg+xml" in update["data"]
