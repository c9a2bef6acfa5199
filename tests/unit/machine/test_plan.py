"""What a machine is made of, from the settings alone."""

import pytest

from flows.machine import databases
from flows.machine.plan import make_plan, servers, worker
from headgate.errors import HeadgateError, StorageError

PORTS = {"prefect": 4200, "mlflow": 5000, "api": 8000}
SHARED = "postgresql://ada:p%40ss@db:5433/team?sslmode=require"


def plan(tmp_path, host="127.0.0.1", **environment):
    return make_plan(home=tmp_path / "home", host=host, ports=PORTS, limit=3, environment=environment)


def test_on_sqlite_everything_is_in_the_state_directory(tmp_path):
    made = plan(tmp_path)
    assert [part.name for part in servers(made)] == ["prefect", "mlflow", "api"] and made.own == ()
    assert made.environment["MLFLOW_TRACKING_URI"] == f"sqlite:///{tmp_path / 'home' / 'mlflow.db'}"
    assert made.environment["PREFECT_HOME"] == str(tmp_path / "home" / "prefect")
    assert made.environment["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert "PREFECT_API_DATABASE_CONNECTION_URL" not in made.environment
    assert not (tmp_path / "home").exists(), "planning writes nothing"


def test_nothing_is_told_to_anybody(tmp_path):
    quiet = plan(tmp_path).environment
    assert (quiet["PREFECT_SERVER_ANALYTICS_ENABLED"], quiet["DO_NOT_TRACK"], quiet["MLFLOW_DISABLE_TELEMETRY"],
            quiet["GX_ANALYTICS_ENABLED"]) == ("false", "true", "true", "false")


def test_on_postgresql_each_has_a_database_of_its_own(tmp_path):
    made = plan(tmp_path, HEADGATE_DATABASE_URL=SHARED)
    assert made.own == ("prefect", "mlflow") and made.environment["HEADGATE_DATABASE_URL"] == SHARED
    assert made.environment["PREFECT_API_DATABASE_CONNECTION_URL"] == \
        "postgresql+asyncpg://ada:p%40ss@db:5433/team_prefect?ssl=require"
    assert made.environment["MLFLOW_TRACKING_URI"] == \
        "postgresql+psycopg://ada:p%40ss@db:5433/team_mlflow?sslmode=require"
    for part in (*servers(made), worker(made)):
        assert "p%40ss" not in " ".join(part.words), "what others see of a process has no password in it"


def test_what_is_set_already_stays(tmp_path):
    made = plan(tmp_path, HEADGATE_DATABASE_URL=SHARED, MLFLOW_TRACKING_URI="http://mlflow.example.org",
                PREFECT_LOGGING_LEVEL="DEBUG")
    assert made.own == ("prefect",) and [part.name for part in servers(made)] == ["prefect", "api"]
    assert made.addresses["MLflow"] == "http://mlflow.example.org"
    assert made.environment["PREFECT_LOGGING_LEVEL"] == "DEBUG"


def test_another_prefect_server_in_the_environment_is_refused(tmp_path):
    with pytest.raises(HeadgateError, match=r"(?s)PREFECT_API_URL names another.*elsewhere:4200.*Unset it"):
        plan(tmp_path, PREFECT_API_URL="http://elsewhere:4200/api")
    assert plan(tmp_path, PREFECT_API_URL="http://localhost:4200/api").at("prefect") == "http://127.0.0.1:4200"


@pytest.mark.parametrize("setting, fires", [({}, "true"), ({"HEADGATE_SCHEDULES": "prefect"}, "true"),
                                            ({"HEADGATE_SCHEDULES": "github"}, "false")])
def test_one_variable_says_whether_schedules_fire_here(tmp_path, setting, fires):
    assert plan(tmp_path, **setting).environment["HEADGATE_PREFECT_SCHEDULES"] == fires


@pytest.mark.parametrize("setting", [{"HEADGATE_KEYS_FILE": "keys.txt"}, {"HEADGATE_BUNDLES": "bundles"},
                                     {"HEADGATE_ALIAS": "staging"}])
def test_deployments_look_at_the_api_of_this_machine_where_they_can(tmp_path, setting):
    assert plan(tmp_path).environment["HEADGATE_PRODUCTION_URL"] == "http://127.0.0.1:8000"
    assert "HEADGATE_PRODUCTION_URL" not in plan(tmp_path, **setting).environment
    with_key = plan(tmp_path, HEADGATE_KEYS_FILE="keys.txt", HEADGATE_ADMIN_KEY="secret")
    assert with_key.environment["HEADGATE_PRODUCTION_URL"] == "http://127.0.0.1:8000"
    elsewhere = plan(tmp_path, HEADGATE_PRODUCTION_URL="http://shop:8000")
    assert elsewhere.environment["HEADGATE_PRODUCTION_URL"] == "http://shop:8000"


def test_two_parts_on_one_port_are_told_before_anything_starts(tmp_path):
    with pytest.raises(HeadgateError, match="(?s)prefect 8000, api 8000.*--api-port N"):
        make_plan(home=tmp_path, host="127.0.0.1", ports={**PORTS, "prefect": 8000}, limit=3, environment={})


@pytest.mark.parametrize("host, url", [("0.0.0.0", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000"),
                                       ("10.0.0.7", "http://10.0.0.7:8000")])
def test_addresses_are_those_that_this_machine_reaches(tmp_path, host, url):
    assert plan(tmp_path, host=host).at("api") == url


def test_no_other_database_will_do():
    with pytest.raises(StorageError, match="mysql"):
        databases.is_postgres("mysql://a/b")
    with pytest.raises(StorageError, match="not usable"):
        databases.is_postgres("no url")
