"""A bundle proves that it is what was sealed, or names what is wrong with it."""

import hashlib
import json
import os

import pytest

from headgate.bundle import MANIFEST, decision_of, read_manifest, seal, verify
from headgate.bundle.canonical import canonical_json
from headgate.bundle.manifest import REQUIRED
from headgate.errors import BundleBroken


@pytest.fixture
def sealed(tmp_path):
    folder = tmp_path / "bundle"
    (folder / "plots").mkdir(parents=True)
    for name in (*REQUIRED, "plots/roc.png"):
        (folder / name).write_text(f"content of {name}")
    seal(folder, "kettle")
    return folder


def rewrite(folder, **changes):
    manifest = {**json.loads((folder / MANIFEST).read_text()), **changes}
    (folder / MANIFEST).write_text(canonical_json(manifest), encoding="utf-8")


def test_sealing_and_verifying_give_the_digest_of_the_manifest(sealed):
    digest = hashlib.sha256((sealed / MANIFEST).read_bytes()).hexdigest()
    assert seal(sealed, "kettle") == verify(sealed) == verify(sealed, digest=digest) == digest
    assert read_manifest(sealed)[0]["model"] == "kettle"
    assert "plots/roc.png" in read_manifest(sealed)[0]["files"]


def test_a_changed_file_is_named_with_both_sums(sealed):
    (sealed / "plots" / "roc.png").write_text("painted over")
    expected, found = (hashlib.sha256(text.encode()).hexdigest() for text in ("content of plots/roc.png",
                                                                              "painted over"))
    with pytest.raises(BundleBroken) as caught:
        verify(sealed)
    assert all(word in str(caught.value) for word in ("plots/roc.png", expected, found))


def test_a_missing_and_an_extra_file_are_named(sealed):
    (sealed / "plots" / "new.png").write_text("slipped in")
    with pytest.raises(BundleBroken, match="plots/new.png is in the folder but not in the manifest"):
        verify(sealed)
    (sealed / "plots" / "new.png").unlink()
    (sealed / "gates.json").unlink()
    with pytest.raises(BundleBroken, match="gates.json is in the manifest but not in the folder"):
        verify(sealed)
    with pytest.raises(BundleBroken, match="gates.json"):
        seal(sealed, "kettle")


def test_what_is_no_plain_file_is_named_and_nothing_waits_for_it(sealed):
    os.mkfifo(sealed / "plots" / "pipe")
    with pytest.raises(BundleBroken, match="pipe is neither a file nor a folder"):
        verify(sealed)
    (sealed / MANIFEST).unlink()
    os.mkfifo(sealed / MANIFEST)
    with pytest.raises(BundleBroken, match="no plain file"):
        verify(sealed)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "plots/../../secret", "C:secret", "plots\\roc.png",
                                  "./model.onnx"])
def test_a_path_out_of_the_folder_is_refused(sealed, name):
    files = json.loads((sealed / MANIFEST).read_text())["files"]
    rewrite(sealed, files={**files, name: "0" * 64})
    with pytest.raises(BundleBroken, match="outside of the bundle"):
        verify(sealed)


def test_a_link_is_refused(sealed, tmp_path):
    (tmp_path / "secret").write_text("not yours")
    (sealed / "plots" / "link.png").symlink_to(tmp_path / "secret")
    with pytest.raises(BundleBroken, match="symbolic link"):
        verify(sealed)


@pytest.mark.parametrize(("text", "message"), [
    ("{", "is not JSON"), ("[]", "no bundle manifest"), ('{"files":{},"format":2,"model":"kettle"}', "format"),
    ('{"files":{},"format":1,"model":""}', "names no model"), ('{"files":{},"format":1,"model":"kettle"}', "missing")])
def test_a_manifest_that_is_none_is_refused(sealed, text, message):
    (sealed / MANIFEST).write_text(text)
    with pytest.raises(BundleBroken, match=message):
        verify(sealed)


def test_a_reformatted_manifest_is_refused_for_its_digest_would_be_another(sealed):
    (sealed / MANIFEST).write_text(json.dumps(json.loads((sealed / MANIFEST).read_text()), indent=1))
    with pytest.raises(BundleBroken, match="canonical"):
        verify(sealed)


def test_another_bundle_than_the_one_asked_for_and_no_bundle_at_all(sealed, tmp_path):
    with pytest.raises(BundleBroken, match="another bundle"):
        verify(sealed, digest="0" * 64)
    for nowhere in (tmp_path, tmp_path / "nowhere", sealed / "model.onnx"):
        with pytest.raises(BundleBroken, match="is no bundle"):
            verify(nowhere)


def test_a_verdict_without_a_decision_is_refused(tmp_path):
    (tmp_path / "gates.json").write_text('{"decision": "perhaps"}')
    with pytest.raises(BundleBroken, match="perhaps"):
        decision_of(tmp_path)


def test_canonical_json_has_one_way_to_write_a_value():
    from datetime import date

    import numpy
    value = {"b": (1, numpy.float64(0.5)), "a": float("nan"), "day": date(2026, 1, 2), "é": numpy.arange(2)}
    assert canonical_json(value) == '{"a":null,"b":[1,0.5],"day":"2026-01-02","é":[0,1]}'
