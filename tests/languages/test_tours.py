"""The notebooks, each run whole by nbclient with the kernel that it names."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from toolchains import missing

from mykernel import languages
from mykernel.errors import ToolchainMissing
from mykernel.install import main as install

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Seconds within which any cell here ends on the slowest machine.
PATIENCE = 60


class Tour:
    """A notebook as it is stored, and as it is when it has run in the folder."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.stored = nbformat.read(path, as_version=4)
        self.ran = nbformat.read(path, as_version=4)
        self.folder = folder
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(self.ran, timeout=PATIENCE, resources=resources).execute()

    @property
    def code(self) -> list[NotebookNode]:
        """The code cells that have run."""
        return [cell for cell in self.ran.cells if cell.cell_type == "code"]

    @property
    def outputs(self) -> list[NotebookNode]:
        return [output for cell in self.code for output in cell.outputs]

    def cell(self, name: str) -> NotebookNode:
        """The cell that has run, by its id."""
        (found,) = (cell for cell in self.ran.cells if cell.id == name)
        return found


@pytest.fixture(scope="module", params=sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def tour(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """Each notebook in turn, run once for all that is asked of it."""
    path = NOTEBOOKS / f"{request.param}.ipynb"
    kernel = nbformat.read(path, as_version=4).metadata.kernelspec.name
    name = kernel.removeprefix("mykernel-")
    try:
        languages.language(name).find_toolchain()
    except ToolchainMissing as e:
        missing(str(e))
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(home))
        patch.setenv("JUPYTER_DATA_DIR", str(home / "jupyter"))
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("tmp")))
        assert install([name, "--user"]) == 0
        return Tour(path, tmp_path_factory.mktemp("tour"))


def only(name: str) -> pytest.MarkDecorator:
    """For what is asked of one notebook alone."""
    return pytest.mark.parametrize("tour", [name], indirect=True)


def stream(cell: NotebookNode) -> str:
    """What the cell wrote to stdout."""
    return "".join(o.text for o in cell.outputs if o.get("name") == "stdout")


def errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.outputs if output.output_type == "error"]


def traceback(cell: NotebookNode) -> str:
    """The traceback of the cell's only error, without colours."""
    (error,) = errors(cell)
    return str(strip_ansi("\n".join(error.traceback)))


def images(cell: NotebookNode) -> list[str]:
    """The cell's PNG images, in base64."""
    data = [output.get("data", {}) for output in cell.outputs]
    return [bundle["image/png"] for bundle in data if "image/png" in bundle]


def test_a_tour_is_stored_without_outputs(tour: Tour) -> None:
    code = [cell for cell in tour.stored.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


def test_a_tour_is_a_valid_notebook_before_and_after(tour: Tour) -> None:
    nbformat.validate(tour.stored)
    nbformat.validate(tour.ran)


def test_a_tour_knows_its_language_as_the_kernel_does(tour: Tour) -> None:
    stored, ran = tour.stored.metadata.language_info, tour.ran.metadata.language_info
    assert stored == {key: ran[key] for key in stored}


def test_a_tour_fails_where_it_says_so_and_nowhere_else(tour: Tour) -> None:
    tagged = [c.id for c in tour.code if "raises-exception" in c.metadata.get("tags", [])]
    assert [cell.id for cell in tour.code if errors(cell)] == tagged


def test_a_tour_leaves_no_file_behind(tour: Tour) -> None:
    assert list(tour.folder.iterdir()) == []


@only("bash")
def test_bash_runs_to_its_end(tour: Tour) -> None:
    assert stream(tour.ran.cells[-1]) == "The temporary folder is gone.\n"


@only("bash")
def test_bash_shows_colour(tour: Tour) -> None:
    assert "\x1b[01;31ma\x1b[m" in stream(tour.cell("grep"))


@only("bash")
def test_bash_keeps_its_variables_after_exit(tour: Tour) -> None:
    assert "still 42" in stream(tour.cell("alive"))


@only("bash")
def test_bash_shows_the_line_that_failed(tour: Tour) -> None:
    assert "----> 3 cat atlantis.csv" in traceback(tour.cell("failure"))


@only("bash")
def test_bash_captures_times_and_lists(tour: Tour) -> None:
    assert tour.cell("capture").outputs == []
    assert stream(tour.cell("show")).splitlines()[-1] == "Pune,2,26.5"
    assert "3 runs, 10 loops each" in stream(tour.cell("timeit"))
    assert "mean        function\n" in stream(tour.cell("who"))


@only("javascript")
def test_javascript_times_and_lists(tour: Tour) -> None:
    assert "Wall time: " in stream(tour.cell("time"))
    assert "100000" in tour.cell("time").outputs[0].data["text/plain"]
    assert "Point     class\n" in stream(tour.cell("who"))


@only("r")
def test_r_times_and_lists(tour: Tour) -> None:
    assert "Wall time: " in stream(tour.cell("time"))
    assert tour.cell("time").outputs[0].data["text/plain"] == "[1] TRUE"
    assert "counter   function\n" in stream(tour.cell("who"))


@only("java")
def test_java_shows_values_pictures_and_updates(tour: Tour) -> None:
    assert tour.cell("statement").outputs == []
    assert tour.cell("stream").outputs[0].data["text/plain"] == "1356000"
    assert len(images(tour.cell("image"))) == 1
    assert "<td>Oslo" in tour.cell("html").outputs[0].data["text/html"]
    assert tour.cell("progress").outputs[0].data["text/plain"] == '"3 of 3"'


@only("java")
def test_java_declares_before_what_is_needed(tour: Tour) -> None:
    told = "".join(output.text for output in tour.cell("early").outputs)
    assert told == "share cannot be used until method total() is declared\n"
    assert stream(tour.cell("late")).startswith("Oslo        52.3 %\n")


@only("java")
def test_java_shows_the_line_that_failed_and_lives_on(tour: Tour) -> None:
    assert "----> 2 String name = people;" in traceback(tour.cell("compile"))
    assert "----> 2     return some.get(0).people();" in traceback(tour.cell("failure"))
    assert "4 cities are still there" in tour.cell("alive").outputs[0].data["text/plain"]


@only("javascript")
def test_javascript_has_rich_output_and_updates(tour: Tour) -> None:
    shown = [output.data for output in tour.outputs if "data" in output]
    kinds = {mime for data in shown for mime in data}
    assert {"text/html", "image/svg+xml", "application/vnd.vegalite.v5+json"} <= kinds
    assert '<progress value="3" max="3"></progress>' in [data.get("text/html") for data in shown]


@only("javascript")
def test_javascript_shows_the_line_that_failed(tour: Tour) -> None:
    assert "----> 2   throw new Error('on purpose');" in traceback(tour.code[-1])


@only("r")
def test_r_shows_an_image_for_each_page(tour: Tour) -> None:
    pages = {cell.id: len(images(cell)) for cell in tour.code if images(cell)}
    assert pages == {"plot": 1, "pages": 2, "panels": 1}


@only("r")
def test_r_prints_each_value_and_the_last_is_the_result(tour: Tour) -> None:
    cell = tour.cell("vectors")
    assert stream(cell).splitlines()[-1] == "[1] 1.726667"
    assert cell.outputs[-1].data["text/plain"] == " Ben Cleo \n1.81 1.74 "
    assert tour.cell("invisible").outputs == []


@only("r")
def test_r_shows_the_calls_that_failed(tour: Tour) -> None:
    shown = traceback(tour.cell("failure"))
    assert '----> 2   if (det(m) == 0) stop("the matrix is singular")' in shown
    assert "report(matrix(0, 2, 2))" in shown


@only("r")
def test_r_shows_help_in_one_piece(tour: Tour) -> None:
    (page,) = tour.cell("help").outputs
    assert "nlevels(x)" in page.data["text/plain"]


@only("r")
def test_r_starts_anew_after_quit(tour: Tour) -> None:
    assert "exit status 3" in traceback(tour.cell("quit"))
    assert tour.cell("anew").outputs[-1].data["text/plain"] == "[1] FALSE"


@only("sql")
def test_sql_has_an_output_in_each_cell_and_a_chart_at_the_end(tour: Tour) -> None:
    assert all(cell.outputs for cell in tour.code)
    assert tour.code[-1].outputs[0].output_type == "display_data"


@only("sql")
def test_sql_counts_the_rows_that_it_does_not_show(tour: Tour) -> None:
    assert "showing 5 of 100,000 rows" in tour.code[1].outputs[0].data["text/html"]


@only("go")
def test_go_keeps_values_and_says_what_it_cannot_keep(tour: Tour) -> None:
    assert "Delhi has 22781 people" in stream(tour.cell("values"))
    assert "done is not there for later cells" in tour.cell("lost").outputs[0].text
    assert tour.cell("alive").outputs[0].data["text/plain"] == '"Delhi"'


@only("go")
def test_go_names_cells_that_used_what_has_changed(tour: Tour) -> None:
    used = tour.cell("use").execution_count
    assert f"In[{used}] used Densities" in tour.cell("again").outputs[0].text


@only("go")
def test_go_shows_tables_pictures_plots_and_updates(tour: Tour) -> None:
    assert "<td" in tour.cell("declare").outputs[0].data["text/html"]
    assert len(images(tour.cell("image"))) == 1
    assert "<svg" in tour.cell("plot").outputs[0].data["image/svg+xml"]
    assert tour.cell("progress").outputs[0].data["text/plain"] == "5 of 5"


@only("go")
def test_go_shows_the_line_that_failed(tour: Tour) -> None:
    assert "----> 1 var name string = cities[0].People" in traceback(tour.cell("compile"))
    assert "----> 2 \treturn cities[i]" in traceback(tour.cell("panic"))


@only("go")
def test_go_runs_tests_servers_and_programs_for_the_browser(tour: Tour) -> None:
    assert "2 passed" in tour.cell("test").outputs[0].data["text/plain"]
    assert tour.cell("ask").outputs[0].data["text/plain"] == '"you asked for /cities"'
    assert "ended by SIGINT" in stream(tour.cell("stop"))
    assert "mykernel-wasm" in tour.cell("wasm").outputs[0].data["text/html"]
