"""Tables from files and real databases, scored with a real bundle, in blocks of every size."""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from headgate.bundle import read_golden, verify
from headgate.errors import BundleBroken, SourceError, SpecError, StorageError
from headgate.scoring import score
from headgate.scoring.request import ask, choose
from headgate.scoring.values import Chosen
from headgate.workspace import Workspace
from tests.bundles import SPEC, tiny_graph, write_bundle
from tests.running import in_thread

WARMED = np.datetime64("2026-01-01T10:00:00")


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "root", tmp_path / "home", "", "")


@pytest.fixture
def chosen(tmp_path):
    """A version of kettle whose rows are named by `id` and whose maker must be known."""
    level, maker = SPEC["columns"]
    folder = write_bundle(tmp_path / "bundle", spec={
        "data": {**SPEC["data"], "key": ["id"], "time_column": "warmed"},
        "columns": [level, {**maker, "nullable": False}]})
    return Chosen("kettle", "4", verify(folder), str(folder))


def kettles(rows=40):
    """Golden rows first, among them a null and a text that is none of the makers, then any others."""
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.arange(1000, 1000 + rows), "water level": draw.normal(size=rows).round(3),
                          "maker": draw.choice(["a", "b"], rows), "warmed": WARMED, "note": "not for the model"})
    frame.loc[7, "water level"] = np.nan
    frame.loc[[3, 30], "maker"] = ["c", None]
    return frame


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def expected(frame):
    """What the graph of kettle says of good rows."""
    return sigmoid(frame["water level"].fillna(0) + (frame["maker"] == "b")).to_numpy()


def run(workspace, chosen, rows=None, **options):
    asked = ask(workspace, chosen, **{"max_bad_share": 0.2, **options})
    tally = score.score_table(chosen, asked, rows=rows, workers=2)
    read = pd.read_csv if str(tally.output).endswith("csv") else pd.read_parquet
    return tally, tally.output and read(tally.output)


def fill(url, frame):
    engine = create_engine(url)
    frame.to_sql("kettles", engine, index=False, if_exists="replace")
    engine.dispose()
    return {"sql": 'SELECT * FROM kettles WHERE id < 99999 ORDER BY "id"', "database": url}


@pytest.fixture(params=["csv", "csv.gz", "parquet", "sqlite", "postgresql"])
def table(request, tmp_path):
    """What names a table of kettles on the command line."""
    frame, path = kettles(), tmp_path / f"kettles.{request.param}"
    if request.param == "postgresql":
        return fill(request.getfixturevalue("postgres"), frame)
    if request.param == "sqlite":
        return fill(f"sqlite:///{path}", frame)
    frame.to_parquet(path) if request.param == "parquet" else frame.to_csv(path, index=False)
    return {"data": str(path)}


@pytest.mark.parametrize("output", ["out.parquet", "out.csv"])
def test_every_kind_of_table_gives_the_same_answers_in_blocks_of_any_size(workspace, chosen, table, tmp_path, output):
    good = kettles().drop(index=[3, 30])
    for rows in (7, 1000):
        tally, answers = run(workspace, chosen, rows, output=str(tmp_path / f"{rows}-{output}"), **table)
        assert (tally.rows, tally.scored, tally.bad, tally.wrong) == (40, 38, 2, {"maker": 2})
        assert list(answers) == ["id", "warmed", "prediction", "label", "probability", "probability_no",
                                 "probability_yes", "model_version"]
        assert answers["id"].astype(int).tolist() == good["id"].tolist()
        assert np.allclose(answers["probability_yes"], expected(good), atol=1e-6)
        assert (answers["prediction"] == np.where(expected(good) >= 0.5, "yes", "no")).all()
        assert tally.classes == answers["prediction"].value_counts().to_dict()
        assert set(answers["model_version"].astype(str)) == {"4"}
        assert pd.to_datetime(answers["warmed"]).eq(WARMED).all()
        aside = pd.read_csv(tally.quarantine)
        assert aside["row"].tolist() == [3, 30] and aside["id"].tolist() == [1003, 1030]
        assert aside["reason"].tolist() == ['maker must be one of "a", "b"; seen "c".',
                                            'maker must be one of "a", "b"; seen null.']


def test_golden_rows_come_out_as_they_were_judged(workspace, chosen, tmp_path):
    golden = read_golden(chosen.folder)
    frame = pd.DataFrame(golden["columns"])
    keep = frame["maker"].notna()
    frame.to_parquet(tmp_path / "golden.parquet")
    _, answers = run(workspace, chosen, data=str(tmp_path / "golden.parquet"), max_bad_share=0.5)
    wanted = np.array(golden["probabilities"])[keep]
    assert np.allclose(answers[["probability_no", "probability_yes"]], wanted, atol=golden["tolerance"])
    assert answers["row"].tolist() == np.flatnonzero(keep).tolist(), "the position, for the key is not there"


def test_without_a_key_a_row_is_named_by_its_position(workspace, chosen, tmp_path):
    kettles().drop(columns=["id", "warmed"]).to_csv(tmp_path / "t.csv", index=False)
    tally, answers = run(workspace, chosen, 7, data=str(tmp_path / "t.csv"))
    assert answers["row"].tolist() == [row for row in range(40) if row not in (3, 30)]
    assert pd.read_csv(tally.quarantine)["row"].tolist() == [3, 30]


def test_too_many_bad_rows_and_nothing_is_written_but_them(workspace, chosen, tmp_path):
    kettles().to_csv(tmp_path / "t.csv", index=False)
    for share, fine in ((2 / 40, True), (0.0499, False), (0, False)):
        output = tmp_path / "deep" / f"{share}.parquet"
        tally, _ = run(workspace, chosen, 7, data=str(tmp_path / "t.csv"), output=str(output), max_bad_share=share)
        assert (tally.output == str(output)) is output.exists() is fine
        assert len(pd.read_csv(tally.quarantine)) == 2
    assert [one.name for one in (tmp_path / "deep").iterdir()] == ["0.05.parquet"]


def test_no_good_row_at_all(workspace, chosen, tmp_path):
    kettles().assign(maker="z").to_csv(tmp_path / "t.csv", index=False)
    tally, _ = run(workspace, chosen, 7, data=str(tmp_path / "t.csv"), max_bad_share=1)
    assert tally.output is None and tally.bad == 40 and len(pd.read_csv(tally.quarantine)) == 40


def beside(tmp_path, graph):
    """A version whose graph is another, and a table of rows for it."""
    folder = write_bundle(tmp_path / "beside", graph=graph, golden={"water level": [1.0, 4.0], "maker": ["a", "b"]})
    (tmp_path / "roles.json").write_text('{"models": {"kettle": {"champion": {"bundle": "beside", "version": "4"}}}}')
    return Chosen("kettle", "4", verify(folder), str(folder))


def asked_over_http(tmp_path, workspace, rows):
    """Return the answers to single rows."""
    with in_thread(workspace, bundles=tmp_path, prediction_log=False) as service:
        return [service.post("/predict", row) for row in rows]


def test_rows_that_the_graph_has_no_answer_to_are_put_aside_in_the_words_of_the_service(workspace, tmp_path):
    chosen, rows = beside(tmp_path, tiny_graph(0.0, level="Log")), [
        {"water level": level, "maker": "a"} for level in (2.0, -1.0, 3.0, -2.0, 9.0)]
    pd.DataFrame(rows).to_csv(tmp_path / "t.csv", index=False)
    tally, answers = run(workspace, chosen, 2, data=str(tmp_path / "t.csv"), max_bad_share=0.4)
    told = asked_over_http(tmp_path, workspace, rows)
    assert answers["row"].tolist() == [place for place, one in enumerate(told) if one.status_code == 200] == [0, 2, 4]
    assert (tally.scored, tally.bad, tally.unanswered, tally.wrong) == (3, 2, 2, {})
    assert np.isfinite(answers["probability"]).all() and sum(tally.classes.values()) == 3
    aside = pd.read_csv(tally.quarantine)
    assert aside["row"].tolist() == [1, 3] and aside["water level"].tolist() == [-1, -2]
    assert all(one.replace("The model", "The model 'kettle'") in told[1].json()["detail"] for one in aside["reason"])
    assert run(workspace, chosen, 2, data=str(tmp_path / "t.csv"), max_bad_share=0.39)[0].output is None


def test_probabilities_that_rounding_took_over_1_are_those_of_the_service(workspace, tmp_path):
    graph = tiny_graph(0.0)
    next(node for node in graph.graph.node if node.op_type == "Sigmoid").output[0] = "bare"
    graph.graph.initializer.append(helper.make_tensor("over", TensorProto.FLOAT, [1], [1.0000002]))
    graph.graph.node.insert(7, helper.make_node("Mul", ["bare", "over"], ["yes"]))
    chosen, rows = beside(tmp_path, graph), [{"water level": level, "maker": "a"} for level in (30.0, 0.5)]
    pd.DataFrame(rows).to_csv(tmp_path / "t.csv", index=False)
    _, answers = run(workspace, chosen, data=str(tmp_path / "t.csv"))
    assert answers[["probability_no", "probability_yes"]].iloc[0].tolist() == [0, 1] == [
        1 - answers["probability"][0], answers["probability"][0]]
    assert [list(one.json()["probabilities"].values()) for one in asked_over_http(tmp_path, workspace, rows)] \
        == answers[["probability_no", "probability_yes"]].to_numpy().tolist()


def test_without_a_bad_row_there_is_no_quarantine(workspace, chosen, tmp_path):
    kettles().drop(index=[3, 30]).to_csv(tmp_path / "t.csv", index=False)
    tally, answers = run(workspace, chosen, 5, data=str(tmp_path / "t.csv"))
    assert tally.quarantine is None and not workspace.quarantine.exists() and len(answers) == 38


def test_a_first_block_without_a_good_row_and_a_key_that_begins_with_nulls(workspace, chosen, tmp_path):
    frame = kettles().astype({"id": "Int64"})
    frame.loc[:6, "maker"] = "z"
    frame.loc[:9, "id"] = None
    frame.to_parquet(tmp_path / "t.parquet")
    _, answers = run(workspace, chosen, 7, data=str(tmp_path / "t.parquet"), max_bad_share=1)
    assert len(answers) == 40 - 8 and answers["id"].isna().sum() == 3 and answers["id"].iloc[-1] == 1039


def test_a_column_that_is_missing_altogether(workspace, chosen, tmp_path):
    kettles().rename(columns={"maker": "marker"}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(SourceError, match="t.csv has no column 'maker', which the model needs.*Did you mean 'marker'"):
        run(workspace, chosen, data=str(tmp_path / "t.csv"))
    assert not any(workspace.home.rglob("*.p*"))


def test_a_table_that_breaks_off_leaves_nothing(workspace, chosen, tmp_path):
    kettles().to_csv(tmp_path / "t.csv", index=False)
    with open(tmp_path / "t.csv", "a", encoding="utf-8") as file:
        file.write("1,2,a,2026-01-01,x,too,long\n")
    with pytest.raises(SourceError, match="row 41 after the header"):
        run(workspace, chosen, 7, data=str(tmp_path / "t.csv"), output=str(tmp_path / "out" / "out.csv"))
    assert list((tmp_path / "out").iterdir()) == [] == list(workspace.quarantine.rglob("*.*"))


def test_an_output_that_is_there_is_not_replaced_unasked(workspace, chosen, tmp_path):
    kettles().to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "out.csv").write_text("mine")
    options = {"data": str(tmp_path / "t.csv"), "output": str(tmp_path / "out.csv")}
    with pytest.raises(StorageError, match="out.csv already.*--overwrite"):
        run(workspace, chosen, **options)
    assert (tmp_path / "out.csv").read_text() == "mine"
    assert len(run(workspace, chosen, overwrite=True, **options)[1]) == 38


def test_an_output_that_came_to_be_meanwhile(workspace, chosen, tmp_path, monkeypatch):
    kettles().to_csv(tmp_path / "t.csv", index=False)
    asked = ask(workspace, chosen, data=str(tmp_path / "t.csv"), output=str(tmp_path / "out.csv"), max_bad_share=1)
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(StorageError, match="already"):
        score.score_table(chosen, asked)
    assert (tmp_path / "out.csv").read_text() == "mine"


@pytest.mark.parametrize("options, told", [
    ({"data": "t.csv", "sql": "SELECT 1"}, "both name a table"), ({"data": "t.csv", "database": "sqlite://"}, "both"),
    ({"sql": "SELECT 1"}, "needs a database"), ({"database": "sqlite:///a.db"}, "--database names no table"),
    ({"sql": "SELECT '${X'", "database": "sqlite://"}, "--sql cannot be used.*no variable"),
    ({"sql": "SELECT 1", "database": "pg://${KETTLE_NOT_SET}@h"}, "KETTLE_NOT_SET is not set"),
    ({"output": "out.xlsx"}, "out.xlsx.*parquet or .csv"), ({"max_bad_share": 1.5}, "1.5"),
    ({"max_bad_share": float("nan")}, "nan")])
def test_what_does_not_go_together(workspace, chosen, options, told):
    with pytest.raises(SpecError, match=told):
        ask(workspace, chosen, **options)


def test_a_file_that_is_not_there(workspace, chosen):
    with pytest.raises(SourceError, match="no file at .*gone.csv"):
        ask(workspace, chosen, data="gone.csv")


def test_paths_start_where_the_command_was_given(workspace, chosen, tmp_path):
    with closing(sqlite3.connect(tmp_path / "k.db")) as made:
        kettles().to_sql("kettles", made, index=False)
    asked = ask(workspace, chosen, sql="SELECT * FROM kettles", database="sqlite:///k.db", output="o.csv",
                here=tmp_path, max_bad_share=1)
    assert score.score_table(chosen, asked).output == str(tmp_path / "o.csv")
    assert Path(ask(workspace, chosen).output).parent == workspace.home / "predictions"


def test_a_graph_that_does_not_answer_as_it_was_judged(workspace, chosen, tmp_path):
    kettles().to_csv(tmp_path / "t.csv", index=False)
    golden = Path(chosen.folder) / "golden.json"
    golden.write_text(golden.read_text().replace("[0.5, 0.5]", "[0.4, 0.6]"))
    with pytest.raises(BundleBroken, match="golden rows"):
        run(workspace, chosen, data=str(tmp_path / "t.csv"))
    with pytest.raises(BundleBroken):
        version = SimpleNamespace(version="4", bundle=Path(chosen.folder), digest=chosen.digest, aliases=())
        choose_from(workspace, version)


def choose_from(workspace, version):
    from unittest import mock
    with mock.patch("headgate.registry.read.find_version", lambda *_: version):
        return choose(workspace, "kettle", "4")


def test_rows_of_postgresql_stay_on_the_server_until_they_are_asked_for(workspace, chosen, postgres):
    cursors = []

    def note(connection, cursor, *_):
        cursors.append(type(cursor).__name__)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        run(workspace, chosen, 7, **fill(postgres, kettles()))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert cursors[-1] == "ServerCursor"


UUIDS = [UUID(int=number << 100 | number) for number in range(40)]


@pytest.mark.parametrize("output", ["out.parquet", "out.csv"])
@pytest.mark.parametrize("kind", ["parquet", "postgresql"])
def test_keys_that_are_uuids_come_out_as_their_text(workspace, chosen, tmp_path, request, kind, output):
    frame, wanted = kettles(), [str(one) for one in UUIDS]
    wanted[5] = None
    if kind == "postgresql":
        named = fill(request.getfixturevalue("postgres"), frame.assign(uid=wanted))
        named["sql"] = 'SELECT uid::uuid AS id, "water level", maker, warmed FROM kettles ORDER BY kettles.id'
    else:
        table = pa.Table.from_pandas(frame)
        ids = pa.array([one and UUID(one).bytes for one in wanted], pa.uuid())
        pq.write_table(table.set_column(0, "id", ids), tmp_path / "t.parquet")
        named = {"data": str(tmp_path / "t.parquet")}
    tally, answers = run(workspace, chosen, 7, output=str(tmp_path / output), **named)
    assert answers["id"].fillna("none").tolist() == [
        one or "none" for place, one in enumerate(wanted) if place not in (3, 30)]
    assert pd.read_csv(tally.quarantine)["id"].tolist() == [wanted[3], wanted[30]]


def test_bytes_where_a_number_should_be_are_told(workspace, chosen, tmp_path):
    frame = kettles().astype({"water level": object})
    frame["water level"] = [b"\xff" + bytes(15)] * 3 + [None] * 37
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "t.parquet")
    tally, _ = run(workspace, chosen, data=str(tmp_path / "t.parquet"))
    assert tally.wrong == {"water level": 3, "maker": 2} and tally.scored == 35
    assert "water level must be a number, or null; seen" in pd.read_csv(tally.quarantine)["reason"][0]


def test_keys_of_a_query_keep_their_kind(workspace, chosen, postgres):
    frame = kettles().astype({"id": "Int64"})
    frame.loc[[0, 20], "id"] = None
    named = fill(postgres, frame)
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE kettles ALTER COLUMN id TYPE NUMERIC(12, 0)")
    engine.dispose()
    _, answers = run(workspace, chosen, 7, sql="SELECT * FROM kettles", database=named["database"])
    assert answers["id"].isna().sum() == 2 and answers["id"].dropna().astype(int).max() == 1039
    assert str(answers["id"].dtype) == "float64", "whole numbers with nulls, as pandas reads them"
