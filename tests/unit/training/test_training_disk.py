"""A disk that is full or not writable is told in one sentence; any other error stays what it is."""

import errno
import os

import pytest

from flows.launch.disk import disk_errors
from headgate.errors import StorageError


@pytest.mark.parametrize("number, told", [
    (errno.ENOSPC, "the disk is full"), (errno.EFBIG, "the disk is full"), (errno.EROFS, "set HEADGATE_HOME"),
    (errno.EACCES, "set HEADGATE_HOME"), (errno.EPERM, "set HEADGATE_HOME")])
def test_a_disk_that_takes_nothing_is_a_storage_error(tmp_path, number, told):
    with pytest.raises(StorageError, match=told) as caught, disk_errors(tmp_path):
        raise OSError(number, os.strerror(number), "report.html")
    assert str(caught.value).startswith("report.html cannot be") and caught.value.exit_code == 2
    with pytest.raises(StorageError, match=tmp_path.name), disk_errors(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_place_that_takes_nothing_is_told_before_anything_begins(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="set HEADGATE_HOME"), disk_errors(tmp_path / "file" / "home"):
        pytest.fail("nothing may begin")
    with disk_errors(tmp_path / "home"):
        assert list((tmp_path / "home").iterdir()) == [], "and the trial leaves nothing behind"


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "gone"), ConnectionResetError(), ValueError("no")])
def test_any_other_error_stays_what_it_is(tmp_path, error):
    with pytest.raises(type(error)) as caught, disk_errors(tmp_path):
        raise error
    assert caught.value is error
