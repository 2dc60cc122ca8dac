"""What docker-compose.yml promises a team, read off the file itself; no Docker engine is needed."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
AIRFLOW = {name: service for name, service in SERVICES.items() if name.startswith("airflow-")}
OURS = AIRFLOW | {"simulator": SERVICES["simulator"]}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:-|:\?)([^}]*))?\}")
ASK_AIRFLOW = """
import json, pathlib, airflow, yaml
from airflow.cli.cli_parser import airflow_commands
from airflow.providers.celery.get_provider_info import get_provider_info
text = (pathlib.Path(airflow.__file__).parent / "config_templates" / "config.yml").read_text()
known = yaml.safe_load(text) | get_provider_info()["config"]
try:
    import airflow.providers.celery.executors.celery_executor_utils
    celery = "fits"
except ImportError as error:
    celery = str(error)
print(json.dumps({
    "commands": [command.name for command in airflow_commands],
    "settings": [f"AIRFLOW__{s}__{o}".upper() for s in known for o in known[s]["options"]],
    "celery": [celery],
}))
"""
SECRET_NAME = re.compile(r"PASSWORD|SECRET|_KEY|CONN|BROKER_URL|RESULT_BACKEND")


def make_env(root: Path) -> subprocess.CompletedProcess:
    """Run docker/make_env.py as it would run in a checkout at `root`."""
    script = root / "docker" / "make_env.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text((ROOT / "docker" / "make_env.py").read_text())
    return subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)


def values(root: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (root / ".env").read_text().splitlines())


# -- the services


def test_the_stack_is_all_there():
    assert set(SERVICES) == {
        "postgres", "redis", "airflow-init", "airflow-api", "airflow-scheduler", "airflow-dag-processor",
        "airflow-triggerer", "airflow-worker", "simulator",
    }  # fmt: skip


def test_the_simulator_starts_only_where_the_demo_is_asked_for():
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {
        "simulator": ["demo"]
    }
    assert not [name for name, service in SERVICES.items() if "simulator" in service.get("depends_on", {})]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"airflow-init"}))
def test_every_service_that_stays_has_a_health_check_and_comes_back(name):
    service = SERVICES[name]
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert service["healthcheck"]["retries"] >= 3
    assert service["restart"] == "unless-stopped"


def test_nothing_of_airflow_starts_before_its_database_is_migrated():
    assert AIRFLOW["airflow-init"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }
    for name in set(AIRFLOW) - {"airflow-init"}:
        assert AIRFLOW[name]["depends_on"]["airflow-init"] == {"condition": "service_completed_successfully"}, name


def test_no_task_starts_before_the_api_server_can_be_reached():
    for name in ("airflow-scheduler", "airflow-worker"):
        assert AIRFLOW[name]["depends_on"]["airflow-api"] == {"condition": "service_healthy"}, name


@pytest.fixture(scope="module")
def airflow(tmp_path_factory) -> dict[str, list[str]]:
    """What the installed Airflow knows; asked in a child, so that it writes to nobody's home."""
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow"))}
    done = subprocess.run([sys.executable, "-c", ASK_AIRFLOW], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_airflow_command_is_one_that_airflow_has(airflow):
    known = {*airflow["commands"], "celery"}  # the latter comes with its provider
    assert {"db", "scheduler"} <= known
    for name, service in AIRFLOW.items():
        assert service["command"][0] == "airflow"
        assert service["command"][1] in known, name


def test_the_celery_provider_and_the_locked_celery_fit_together(airflow):
    """They did not with celery 5.7: neither the scheduler nor the worker started."""
    assert airflow["celery"] == ["fits"]


def test_every_airflow_setting_is_one_that_airflow_knows(airflow):
    names = {name for service in AIRFLOW.values() for name in service.get("environment", {})}
    used = {name for name in names if name.startswith("AIRFLOW__")}
    assert len(used) > 12
    assert used <= set(airflow["settings"])


# -- who may reach what


def test_ports_are_published_on_loopback_only():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"airflow-api": ["127.0.0.1:${AIRFLOW_PORT:-8080}:8080"]}


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_are_read_only_and_without_privileges(name):
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_our_containers_write_is_for_their_own_user(name):
    entry = OURS[name]["entrypoint"]
    assert entry[:2] == ["sh", "-c"] and entry[2].startswith("umask 077; ") and entry[2].endswith('exec "$$@"')
    script = entry[2].replace("$$", "$")
    done = subprocess.run(["sh", "-c", script, "--", "sh", "-c", "umask"], capture_output=True, text=True, check=False)
    assert name == "airflow-api" or done.stdout.strip() == "0077"


def test_what_is_mounted_from_the_checkout_can_not_be_written():
    mounted = [v for s in SERVICES.values() for v in s.get("volumes", []) if v.startswith(".")]
    assert len(mounted) >= 3 and all(volume.endswith(":ro") for volume in mounted)


def test_airflow_s_role_in_postgres_owns_its_own_database_and_nothing_else():
    """Its SQL runs once, by the image, as Postgres's own superuser, whose password no other service knows."""
    script = (ROOT / "docker" / "postgres.sh").read_text()
    role = re.search(r"create role airflow ([^;]*);", script)[1]
    assert {"nosuperuser", "nocreatedb", "nocreaterole", "noreplication"} <= set(role.split())
    assert "create database airflow owner airflow;" in script
    assert re.search(r"revoke all on database airflow, postgres, template1 from public;", script)
    knows = [n for n, s in SERVICES.items() if "POSTGRES_SUPERUSER_PASSWORD" in json.dumps(s.get("environment", {}))]
    assert knows == ["postgres"]
    assert (
        "postgresql+psycopg2://airflow:" in AIRFLOW["airflow-api"]["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    )


def test_tasks_know_no_password_of_airflows_database_and_no_signing_key():
    known = {name for name in SERVICES["airflow-worker"]["environment"] if SECRET_NAME.search(name)}
    assert known == {
        "AIRFLOW__CELERY__BROKER_URL", "AIRFLOW__CELERY__RESULT_BACKEND", "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW_CONN_MART_IDENTITY",
    }  # fmt: skip
    assert "environment" not in SERVICES["simulator"]


def test_only_the_api_server_knows_the_passwords_of_people():
    assert [name for name, service in SERVICES.items() if "UI_PASSWORDS" in service.get("environment", {})] == [
        "airflow-api"
    ]


def test_the_mart_is_open_to_those_that_write_it_only():
    holders = {n for n, s in SERVICES.items() if any(v.startswith("mart:") for v in s.get("volumes", []))}
    assert holders == {"airflow-worker", "airflow-dag-processor"}


def test_what_must_outlive_a_container_lies_in_a_volume():
    mounted = {volume.split(":")[0] for s in SERVICES.values() for volume in s.get("volumes", [])}
    assert set(COMPOSE["volumes"]) == {"postgres", "redis", "mart", "logs"}
    assert mounted == set(COMPOSE["volumes"]) | {"./config", "./docker/postgres.sh"}
    home = SERVICES["airflow-worker"]["environment"]["MART_HOME"]
    assert f"mart:{home}" in SERVICES["airflow-worker"]["volumes"]


def test_the_folders_of_the_volumes_belong_to_the_user_of_the_image():
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    owned = re.search(r"chown mart: (.*)", dockerfile)[1].split()
    targets = {v.split(":")[1] for s in OURS.values() for v in s.get("volumes", []) if not v.startswith(".")}
    assert targets == set(owned)
    assert dockerfile.rstrip().endswith("USER mart")


def test_the_image_finds_the_dags_the_package_and_the_expectations():
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    checkout = re.search(r"WORKDIR (\S+)", dockerfile)[1]
    environment = AIRFLOW["airflow-worker"]["environment"]
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == f"{checkout}/dags"
    assert environment["AIRFLOW__CORE__PLUGINS_FOLDER"] == f"{checkout}/plugins"
    assert re.search(r"PYTHONPATH=(\S+)", dockerfile)[1].split(":") == [f"{checkout}/plugins", checkout]


# -- secrets


def test_every_variable_has_a_default_or_is_demanded_and_made():
    found = {(name, kind) for name, kind, _ in VARIABLE.findall(TEXT)}
    assert {kind for _, kind in found} == {":-", ":?"}
    demanded = {name for name, kind in found if kind == ":?"}
    assert {name for name, _ in found} - demanded == {"AIRFLOW_PORT", "MART_SIMULATOR_URL"}
    made = set(re.findall(r'^    "(\w+)": ', (ROOT / "docker" / "make_env.py").read_text(), re.M))
    assert demanded == made


def test_no_password_stands_in_the_file():
    secrets = [
        (name, key, str(value))
        for name, service in SERVICES.items()
        for key, value in service.get("environment", {}).items()
        if SECRET_NAME.search(key) and key != "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
    ]
    assert len(secrets) > 15
    for name, key, value in secrets:
        assert re.search(r"\$\{\w+:\?", value), (name, key)
        for credentials in re.findall(r"://([^@/]*)@", value):
            assert re.fullmatch(r"\w*:\$\{\w+:\?[^}]*\}", credentials), (name, key)


def test_the_people_named_are_those_with_a_password():
    environment = SERVICES["airflow-api"]["environment"]
    users = dict(pair.split(":") for pair in environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"].split(","))
    assert users == {"admin": "admin", "operator": "op", "analyst": "viewer"}
    assert set(json.loads(VARIABLE.sub("x", environment["UI_PASSWORDS"]))) == set(users)


def test_the_file_of_passwords_is_made_before_the_api_server_starts_and_for_it_alone(tmp_path):
    service = SERVICES["airflow-api"]
    target = tmp_path / "passwords.json"
    path = service["environment"]["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]
    entry = [part.replace("$$", "$").replace(path, str(target)) for part in service["entrypoint"]]
    done = subprocess.run(
        [*entry, sys.executable, "-c", "import os, sys; print('UI_PASSWORDS' in os.environ, *sys.argv[1:])", "a b"],
        env=os.environ | {"UI_PASSWORDS": '{"admin": "it\'s %s"}'}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split(maxsplit=1) == ["False", "a b\n"]
    assert json.loads(target.read_text()) == {"admin": "it's %s"}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_make_env_writes_a_secret_file_that_is_another_each_time(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    make_env(tmp_path / "a")
    make_env(tmp_path / "b")
    first, second = values(tmp_path / "a"), values(tmp_path / "b")
    assert stat.S_IMODE((tmp_path / "a" / ".env").stat().st_mode) == 0o600
    assert set(first) == set(second)
    assert not set(first.values()) & set(second.values())
    assert len(set(first.values())) == len(first)
    assert min(map(len, first.values())) >= 32
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert re.fullmatch(r"[\w-]+", first[name]), "it stands in a URL"
    Fernet(first["AIRFLOW_FERNET_KEY"])


def test_make_env_overwrites_nothing_and_adds_what_a_later_version_needs(tmp_path):
    make_env(tmp_path)
    first = (tmp_path / ".env").read_text()
    assert "nothing written" in make_env(tmp_path).stdout
    assert (tmp_path / ".env").read_text() == first
    older = "AIRFLOW_PORT=8090\nPOSTGRES_PASSWORD=kept"
    (tmp_path / ".env").write_text(older)
    make_env(tmp_path)
    assert (tmp_path / ".env").read_text().startswith(older + "\n")
    assert set(values(tmp_path)) == {line.partition("=")[0] for line in first.splitlines()} | {"AIRFLOW_PORT"}


def test_make_env_prints_no_secret(tmp_path):
    told = make_env(tmp_path)
    assert "POSTGRES_PASSWORD" in told.stdout
    assert not [value for value in values(tmp_path).values() if value in told.stdout + told.stderr]


def test_secrets_go_neither_into_the_image_nor_into_git():
    for name in (".dockerignore", ".gitignore"):
        assert ".env" in (ROOT / name).read_text().split()
