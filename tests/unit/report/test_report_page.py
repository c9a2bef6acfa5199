import math
import os

import jinja2
import numpy as np
import pytest

from headgate.errors import StorageError
from headgate.report.page import image_uri, markdown, number, percent, render, write_page


def test_a_name_the_template_needs_cannot_be_forgotten():
    with pytest.raises(jinja2.UndefinedError):
        render("card.html")


def test_an_image_is_embedded_from_bytes_and_from_a_path(tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG")
    assert image_uri(b"\x89PNG") == image_uri(tmp_path / "dot.png") == "data:image/png;base64,iVBORw=="


@pytest.mark.parametrize(("value", "text"), [
    (None, "–"), (math.nan, "–"), (0, "0"), (28618, "28,618"), (0.91324, "0.9132"), (0.9, "0.9"), (1e-7, "1e-07"),
    (0.0001, "0.0001"), (math.inf, "inf"), (np.float64(2.0), "2"), (np.int64(3), "3"), ("x", "x"), (True, "True")])
def test_numbers_are_said_short(value, text):
    assert number(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (math.nan, "–"), (0.9134, "91.3 %"), (1, "100.0 %")])
def test_shares_are_said_as_percentages(value, text):
    assert percent(value) == text


def test_a_markdown_cell_stays_one_cell():
    assert markdown("a|b\n<b>`c`") == r"a\|b &lt;b&gt;\`c\`"


def test_a_page_is_written_whole_into_a_new_folder(tmp_path):
    path = write_page(tmp_path / "new" / "page.html", "é\n")
    assert path.read_bytes() == "é\n".encode()
    write_page(path, "again")
    assert path.read_text(encoding="utf-8") == "again"
    assert os.listdir(path.parent) == ["page.html"]


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = write_page(tmp_path / "page.html", "old")

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match="No space left"):
        write_page(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_folder_that_is_a_file_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="page.html"):
        write_page(tmp_path / "file" / "page.html", "text")
