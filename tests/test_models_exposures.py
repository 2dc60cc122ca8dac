"""The exposures name exactly the tables that the report and the README's queries read."""

import re
from pathlib import Path

import yaml

from marketing_mart.tables import MART_TABLES

ROOT = Path(__file__).resolve().parents[1]
READ = r"\b(?:from|join) (?:mart\.)?((?:kpi|fct|dim|mart|ad_reporting|ltv)_\w+)"


def exposures() -> dict[str, dict]:
    told = yaml.safe_load((ROOT / "dbt_project" / "models" / "exposures.yml").read_text())["exposures"]
    return {exposure["name"]: exposure for exposure in told}


def named(exposure: dict) -> set[str]:
    tables = {re.fullmatch(r"ref\('(\w+)'\)", ref).group(1) for ref in exposure["depends_on"]}
    assert tables <= set(MART_TABLES)
    assert exposure["owner"]["name"]
    assert exposure["description"]
    return tables


def test_the_report_s_exposure_names_what_it_reads() -> None:
    files = list((ROOT / "plugins" / "marketing_mart" / "report").glob("*.py"))
    read = {table for path in files for table in re.findall(READ, path.read_text())}
    assert read
    assert named(exposures()["report"]) == read


def test_the_exposure_of_the_readme_names_what_its_queries_read() -> None:
    queries = re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    read = {table for query in queries for table in re.findall(READ, query)}
    assert read
    assert named(exposures()["readme_queries"]) == read
