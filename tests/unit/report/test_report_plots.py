import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from headgate.errors import StorageError
from headgate.report.candidates import candidate_rows
from headgate.report.canvas import plain
from headgate.report.plots import write_plots
from tests.unit.report.samples import make_evaluation

ALWAYS = ["roc", "precision_recall", "calibration", "confusion"]
ROOT = Path(__file__).parents[3]
PNG = b"\x89PNG\r\n\x1a\n"


def width(path):
    head = path.read_bytes()[:24]
    assert head[:8] == PNG
    return int.from_bytes(head[16:20], "big")


@pytest.mark.parametrize("evaluation", [
    pytest.param(make_evaluation(), id="two classes"),
    pytest.param(make_evaluation(3), id="three classes"),
    pytest.param(make_evaluation(14, 600), id="fourteen classes"),
    pytest.param(make_evaluation(one_class=True), id="one class in the holdout")])
def test_every_plot_is_drawn_wide_enough_and_warns_nobody(evaluation, tmp_path):
    candidates = [{"algorithm": "xgboost", "folds": [0.8, 0.9], "mean": 0.85}]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths = write_plots(evaluation, tmp_path / "plots", candidates=candidates, floor=0.8)
    assert list(paths) == [*ALWAYS, "importance", "slices", "candidates"]
    assert all(width(path) >= 640 and path.parent == tmp_path / "plots" for path in paths.values())


@pytest.mark.parametrize("rows", [0, 1])
def test_a_holdout_with_next_to_nothing_still_has_its_plots(rows, tmp_path):
    evaluation = {**make_evaluation(3, rows), "importance": {}, "slices": []}
    assert list(write_plots(evaluation, tmp_path)) == ALWAYS


def test_equal_evaluations_give_equal_bytes(tmp_path):
    first, second = (write_plots(make_evaluation(), tmp_path / name) for name in "ab")
    assert all(first[name].read_bytes() == second[name].read_bytes() for name in first)


def test_names_that_a_font_or_mathematics_would_trip_over_are_drawn(tmp_path):
    odd = ["_hidden", "$x_{", "a $ b $ c", "naïve\nline", "\x00漢字", "{}%s", "long " * 30, "<b>"]
    evaluation = make_evaluation(8, 300)
    evaluation["classes"] = odd
    evaluation["importance"] = dict.fromkeys(odd, 0.1)
    evaluation["slices"] = [{**evaluation["slices"][0], "column": name, "value": name} for name in odd]
    for curves in evaluation["curves"].values():
        for curve, name in zip(curves, odd, strict=True):
            curve["class"] = name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        paths = write_plots(evaluation, tmp_path, candidates=[{"algorithm": name, "folds": [0.5], "mean": 0.5}
                                                              for name in odd])
    assert len(paths) == 7


@pytest.mark.parametrize(("name", "text"), [
    ("plain", "plain"), ("_x", " _x"), ("$", "\\$"), ("a\nb", "a b"), ("漢", "□"), ("y" * 40, "y" * 29 + "…")])
def test_a_name_is_made_safe_to_draw(name, text):
    assert plain(name) == text
    assert plain(plain(name)) == text or name == "_x"


def test_candidates_that_nothing_is_known_of_are_not_drawn(tmp_path):
    candidates = [{"algorithm": "xgboost", "folds": [], "mean": float("nan")}]
    assert "candidates" not in write_plots(make_evaluation(), tmp_path, candidates=candidates)


def test_candidates_come_best_first_and_the_unknown_last():
    rows = candidate_rows([{"algorithm": "a", "folds": [float("nan")]}, {"algorithm": "b", "folds": [0.5, 0.7]},
                           {"algorithm": "c", "folds": [0.9], "mean": 0.9}])
    assert [(row["algorithm"], row["mean"]) for row in rows] == [("c", 0.9), ("b", pytest.approx(0.6)), ("a", None)]


def test_an_importance_that_is_not_known_is_not_drawn(tmp_path):
    assert "importance" in write_plots({**make_evaluation(), "importance": {"age": 0.1, "town": None}}, tmp_path)
    assert "importance" not in write_plots({**make_evaluation(), "importance": {"town": None}}, tmp_path)


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="plots"):
        write_plots(make_evaluation(), tmp_path / "file" / "plots")


def in_a_fresh_process(code):
    return subprocess.run([sys.executable, "-c", "import sys\n" + code], check=False, cwd=ROOT).returncode


def test_importing_the_reports_loads_nothing_heavy():
    code = "import headgate.report.plots, headgate.report.card, headgate.evaluation\n" \
           "sys.exit(bool({'matplotlib', 'sklearn', 'pandas', 'mlflow'} & set(sys.modules)))"
    assert in_a_fresh_process(code) == 0


def test_plots_are_drawn_without_pyplot(tmp_path):
    code = "from headgate.report.plots import write_plots\n" \
           "from tests.unit.report.samples import make_evaluation\n" \
           f"write_plots(make_evaluation(), {str(tmp_path)!r})\n" \
           "sys.exit('matplotlib.pyplot' in sys.modules)"
    assert in_a_fresh_process(code) == 0
