"""The only reader of the environment and of config/mart.yml."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from pydantic import ValidationError

from marketing_mart.config import Alerts, Config, Lineage, Reporting, Source, keys_at
from marketing_mart.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[2]
KNOWN_SOURCES = (
    "google_ads", "meta_ads", "tiktok_ads", "linkedin_ads", "microsoft_ads", "ocean_engine", "tencent_ads",
    "baidu_ads", "hubspot", "salesforce", "shopify", "woocommerce", "stripe", "ga4", "search_console", "klaviyo",
    "mailchimp", "ecb", "files",
)  # fmt: skip
CONNECTED_SOURCES = ("google_ads", "meta_ads", "hubspot", "shopify", "files")
FIRST_LOAD_DAYS = 90
# What in a path is taken for more than itself: for other paths by DuckDB, for the parts of a URL by dbt, for a
# variable by Airflow, for the end of a line by a log.
_ODD = set("*?[];#$\n\r\0")
EARLIEST_DAY = date(1990, 1, 1)  # the DAG's start, and what the gates hold for the earliest plausible moment


@dataclass(frozen=True)
class Settings:
    """The configuration with the environment laid over it."""

    config: Config
    config_path: Path
    home: Path
    inbox: Path
    inbox_is_given: bool
    engine: str
    day: date | None  # MART_DATE, where given
    start: date | None  # MART_START, where given
    simulator_url: str
    lineage_url: str = ""  # where OpenLineage events go; '': nowhere
    lineage_namespace: str = "marketing-mart"
    lineage_api_key: str = field(default="", repr=False)
    umask: int = 0o077  # what is taken from the mode of every file and folder that is made

    @property
    def demo(self) -> bool:
        return self.config.demo

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(self.config.sources)

    def yesterday(self, now: datetime) -> date:
        """The logical day when nothing names one: yesterday in the reporting zone."""
        return now.astimezone(ZoneInfo(self.config.reporting.timezone)).date() - timedelta(days=1)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the configuration. Raises ConfigError that names the key, the line and what is allowed."""
    environ = os.environ if environ is None else environ
    path = _config_path(environ)
    config = _overlay(parse(path), environ)
    home = Path(environ.get("MART_HOME") or PROJECT / ".mart").absolute()
    if odd := sorted(set(str(home)) & _ODD):
        raise ConfigError(
            f"MART_HOME={home}: {' '.join(map(repr, odd))} in a path means more to DuckDB, dbt or Airflow than itself",
            next_step="set MART_HOME to a folder whose name, and those above it, have none of * ? [ ] ; # $",
        )
    engine = environ.get("MART_ENGINE") or "duckdb"
    if engine != "duckdb":
        raise ConfigError(f"MART_ENGINE={engine}: this version builds with duckdb only", next_step="unset MART_ENGINE")
    day, start = _day(environ, "MART_DATE"), _day(environ, "MART_START")
    if day and start and start > day:
        raise ConfigError(f"MART_START={start} is after MART_DATE={day}", next_step="give a start on or before the day")
    return Settings(
        config=config,
        config_path=path,
        home=home,
        inbox=Path(environ.get("MART_INBOX") or home / "inbox").absolute(),
        inbox_is_given=bool(environ.get("MART_INBOX")),
        engine=engine,
        day=day,
        start=start,
        simulator_url=environ.get("MART_SIMULATOR_URL", ""),
        **_lineage(config, environ),
        umask=_umask(environ.get("MART_UMASK") or "077"),
    )


class _Plain(yaml.SafeLoader):
    """Without halves of characters, and without aliases: few lines of them unfold to more than any memory holds, and
    one may contain itself."""

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, f"the alias *{event.anchor} is not read", event.start_mark)
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: str | None) -> yaml.Node:
        node = super().compose_scalar_node(anchor)
        if any("\ud800" <= letter <= "\udfff" for letter in node.value):  # "\uD800": no file could be written with it
            raise yaml.composer.ComposerError(None, None, "half of a character is not read", node.start_mark)
        return node


def alerts_at_least(environ: Mapping[str, str] | None = None) -> tuple[Alerts, Path]:
    """Where to tell that the configuration is refused: its `alerts`, as far as they can be read, and MART_HOME."""
    environ = os.environ if environ is None else environ
    home = Path(environ.get("MART_HOME") or PROJECT / ".mart").absolute()
    try:
        told = yaml.load(_config_path(environ).read_text(encoding="utf-8"), Loader=_Plain)["alerts"]
    except (OSError, ValueError, yaml.YAMLError, TypeError, KeyError, RecursionError, ConfigError):
        return Alerts(), home
    for kept in (told, {"routes": told.get("routes")} if isinstance(told, dict) else {}):
        try:
            return Alerts.model_validate(kept), home
        except ValidationError:
            continue
    return Alerts(), home


def parse(path: Path) -> Config:
    """Validate one configuration file; every problem is named with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", next_step="set MART_CONFIG") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no UTF-8 (byte {error.start})", next_step="save it with that encoding") from None
    try:
        tree = yaml.compose(text, Loader=_Plain)
        values = yaml.load(text, Loader=_Plain)
    except (ValueError, RecursionError) as error:  # a day or number that is none; brackets without an end
        told = "is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise ConfigError(f"{path}: {told}", next_step="mend the YAML") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "is no YAML"
        raise ConfigError(f"{path}{line}: {problem}", next_step="mend the YAML there") from None
    lines = dict(_lines(tree, ())) if tree else {}
    problems = list(_repeated(tree, ()) if tree else ())
    problems += list(_names(values, lines))
    try:
        config = Config.model_validate(values if values is not None else {})
    except ValidationError as error:
        problems += [_problem(item, lines) for item in error.errors()]
        raise _invalid(path, problems) from None
    if problems:
        raise _invalid(path, problems)
    return config


def _config_path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("MART_CONFIG") or PROJECT / "config" / "mart.yml")


def _names(values: object, lines: Mapping[tuple, int]) -> Iterator[tuple[int, str]]:
    """Names of sources that nothing here reads."""
    places = {("sources",): CONNECTED_SOURCES, ("freshness",): KNOWN_SOURCES, ("alerts", "owners"): KNOWN_SOURCES}
    for place, known in places.items():
        given = values
        for part in place:
            given = given.get(part) if isinstance(given, dict) else None
        for name in given if isinstance(given, dict) else ():
            if name not in known:
                yield lines.get((*place, name), 0), f"{'.'.join(place)}.{_unknown_source(str(name))}"


def _invalid(path: Path, problems: list[tuple[int, str]]) -> ConfigError:
    told = [f"{path}:{line}: {text}" if line else f"{path}: {text}" for line, text in sorted(problems)]
    return ConfigError("\n".join(told), next_step=f"edit {path}; docs/configuration.md lists every key")


def _unknown_source(name: str) -> str:
    if name in KNOWN_SOURCES:
        return f"{name}: this version has no connector for it (its exports can come through `files`)"
    near = get_close_matches(name, CONNECTED_SOURCES, 1)
    hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(CONNECTED_SOURCES)}"
    return f"{name}: no such source{hint}"


def _problem(item: Mapping, lines: Mapping[tuple, int]) -> tuple[int, str]:
    where = tuple(item["loc"])
    line = next((lines[where[:n]] for n in range(len(where), 0, -1) if where[:n] in lines), 0)
    key = ".".join(str(part) for part in where) or "the file"
    if item["type"] == "extra_forbidden":
        allowed = keys_at(where[:-1])
        near = get_close_matches(str(where[-1]), allowed, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; allowed here: {', '.join(allowed)}"
        return line, f"{key}: unknown key{hint}"
    return line, f"{key}: {item['msg'].removeprefix('Value error, ')}"


def _lines(node: yaml.Node, where: tuple) -> Iterator[tuple[tuple, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*where, key.value), key.start_mark.line + 1
            yield from _lines(value, (*where, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield (*where, place), value.start_mark.line + 1
            yield from _lines(value, (*where, place))


def _repeated(node: yaml.Node, where: tuple) -> Iterator[tuple[int, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            if key.value in seen:
                name = ".".join(map(str, (*where, key.value)))
                yield key.start_mark.line + 1, f"{name}: stands here again (first on line {seen[key.value]})"
            seen.setdefault(key.value, key.start_mark.line + 1)
            yield from _repeated(value, (*where, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield from _repeated(value, (*where, place))


def _overlay(config: Config, environ: Mapping[str, str]) -> Config:
    """The environment overrides the file."""
    reporting = config.reporting.model_dump()
    reporting |= {
        key: environ[name]
        for key, name in (("currency", "MART_CURRENCY"), ("timezone", "MART_TIMEZONE"))
        if environ.get(name)
    }
    try:
        config = config.model_copy(update={"reporting": Reporting(**reporting)})
    except ValidationError as error:
        told = "; ".join(item["msg"].removeprefix("Value error, ") for item in error.errors())
        raise ConfigError(f"MART_CURRENCY or MART_TIMEZONE: {told}", next_step="mend the variable") from None
    if environ.get("MART_SOURCES"):
        names = [name.strip() for name in environ["MART_SOURCES"].split(",") if name.strip()]
        unknown = [_unknown_source(name) for name in names if name not in CONNECTED_SOURCES]
        if unknown or not names:
            told = "; ".join(unknown) or "names no source"
            raise ConfigError(f"MART_SOURCES: {told}", next_step="name known sources, comma between")
        config = config.model_copy(update={"sources": {name: config.sources.get(name, Source()) for name in names}})
    if not config.sources:
        raise ConfigError("no source is on", next_step="name at least one under `sources:` in config/mart.yml")
    return config


def _lineage(config: Config, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables are OpenLineage's own, so that Airflow's provider, where it is installed, sends to the same."""
    try:
        told = Lineage(
            url=environ.get("OPENLINEAGE_URL") or config.lineage.url,
            namespace=environ.get("OPENLINEAGE_NAMESPACE") or config.lineage.namespace,
        )
    except ValidationError:
        raise ConfigError(
            "OPENLINEAGE_URL is no http(s) address without credentials", next_step="give the key in OPENLINEAGE_API_KEY"
        ) from None
    is_off = environ.get("OPENLINEAGE_DISABLED", "").lower() in ("1", "true")
    return {
        "lineage_url": "" if is_off else told.url,
        "lineage_namespace": told.namespace,
        "lineage_api_key": environ.get("OPENLINEAGE_API_KEY", ""),
    }


def _umask(text: str) -> int:
    """A group may be let in, to read or to write; anybody else never."""
    if not re.fullmatch(r"0?0[0-7]7", text):
        raise ConfigError(
            f"MART_UMASK={text[:20]} is none of 077 (the owner alone), 027 (a group reads) and 007 (a group writes)",
            next_step="give one of them, or unset it",
        )
    return int(text, 8)


def _day(environ: Mapping[str, str], name: str) -> date | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{name}={text} is no date", next_step=f"write it as {name}=2025-06-30") from None
    if day < EARLIEST_DAY:
        raise ConfigError(f"{name}={text} is before {EARLIEST_DAY}", next_step=f"write it as {name}=2025-06-30")
    return day
