"""The steps of an erasure, under the lock of the place."""

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from marketing_mart import publishing
from marketing_mart.connectors import streams
from marketing_mart.erasure.identifiers import Tokens, fresh_tokens, substituted
from marketing_mart.erasure.inbox import rows_in_inbox
from marketing_mart.erasure.journal import Journal, forget, unfinished
from marketing_mart.erasure.marks import marks_of
from marketing_mart.erasure.person import identifiers_of
from marketing_mart.erasure.proof import found_in
from marketing_mart.erasure.released import erase_from
from marketing_mart.erasure.remains import erase_from_remains
from marketing_mart.erasure.suppression import Suppression, folder, suppress
from marketing_mart.errors import ErasureError, MartError, StillFound
from marketing_mart.landing import Landing
from marketing_mart.model_variables import variables
from marketing_mart.place import place_lock
from marketing_mart.privacy import Privacy, normalise_email, normalise_phone
from marketing_mart.registry import Registry
from marketing_mart.settings import Settings

log = logging.getLogger("marketing_mart")


@dataclass(frozen=True)
class Asked:
    """Who is to be erased: by any of these, all of one person. `customer` is the shop's id, `person` a person_id of
    the mart."""

    email: str = ""
    phone: str = ""
    customer: str = ""
    person: str = ""


@dataclass(frozen=True)
class Erased:
    """What an erasure did. `rows`: changed rows by stream, over all its versions; `releases`: changed rows by release;
    `left`: file -> finds after it, `searched` files looked through; `inbox`: file -> rows that still name them."""

    identifiers: int
    rows: Mapping[str, int]
    releases: Mapping[str, int]
    remains: Mapping[str, int]
    searched: int
    left: Mapping[str, int]
    inbox: Mapping[str, int] = field(default_factory=dict)


def erase(config: Settings, privacy: Privacy, asked: Asked) -> Erased:
    """ErasureError where a run is under way, where nothing names a person, or where the search finds them still."""
    seeds, plain = _seeds(privacy, asked)
    with _the_place(config) as detail:
        if unfinished(config.home):
            _finish(config, {})
        _plan(config, privacy, seeds, plain).write(config.home)
        done = _finish(config, detail)
    is_theirs = partial(_is_theirs, privacy=privacy, hashes={seed.partition(":")[2] for seed in seeds})
    return Erased(**asdict(done) | {"inbox": rows_in_inbox(config.inbox, is_theirs)})


def finish(config: Settings) -> None:
    """Do to its end what a killed erasure began; nothing where none did. For the beginning of a run, which a forgotten
    file must not stop: where landing and releases are done and only the search finds something, it is warned of."""
    if unfinished(config.home):
        try:
            with _the_place(config) as detail:
                _finish(config, detail)
        except StillFound as error:
            log.warning("%s", error)


@contextmanager
def _the_place(config: Settings) -> Iterator[dict]:
    """The place for as long as the block runs: no run is under way or begins, and what an older one still holds can't
    be published. Yields what the registry is to keep of it, which must not tell who was erased."""
    publishing.repair(config.home)
    registry = Registry(config.home)
    with place_lock(config.home):
        if under_way := registry.under_way():
            raise ErasureError(
                f"{', '.join(under_way)} under way: what it reads or builds could bring the person back",
                next_step="wait until it has ended (make history), then run this again",
            )
        run = registry.begin_locked("erase", datetime.now(UTC).date(), kpi_start=None, demo=config.demo)
        try:
            with registry.stage(run.run_id, "erase") as detail:
                yield detail
        except BaseException as error:
            registry.end_run(
                run.run_id, "failed", error=str(error) if isinstance(error, MartError) else repr(type(error))
            )
            raise
        registry.end_run(run.run_id, "erased")


def _seeds(privacy: Privacy, asked: Asked) -> tuple[list[str], list[str]]:
    """Identifiers of whoever is asked for, and the plain texts to search for."""
    hashes = {"email": privacy.email(asked.email), "phone": privacy.phone(asked.phone)}
    for kind, found in hashes.items():
        if getattr(asked, kind) and not found:
            raise ErasureError(f"{kind.upper()} is none that can be read", next_step="write it as the person gave it")
    seeds = [f"{kind}:{found}" for kind, found in hashes.items() if found]
    seeds += [f"{kind}:{found}" for kind in ("customer", "person") if (found := getattr(asked, kind))]
    if not seeds:
        raise ErasureError("nobody is named", next_step="make erase EMAIL=… (or PHONE=, CUSTOMER=, PERSON=)")
    plain = {asked.email.strip(), normalise_email(asked.email), asked.phone.strip()}
    plain.add(normalise_phone(asked.phone, privacy.region))
    return seeds, sorted(text for text in plain if text)


def _plan(config: Settings, privacy: Privacy, seeds: list[str], plain: list[str]) -> Journal:
    """Who it is, and the tokens. Somebody erased before is found by their tokens: what came since is erased too."""
    landing, suppression = Landing(config.home), Suppression(config.home, privacy)
    known = [f"{seed.partition(':')[0]}:{token}" for seed in seeds if (token := suppression.token_of(seed))]
    loads = landing.loads()
    found = set(seeds) | set(known)
    if loads:
        told = variables(
            config.config,
            mart_date=max(load.last_day for load in loads) + timedelta(days=1),  # whatever has landed
            kpi_start=landing.kpi_start(),
            landed={f"{load.source}/{load.stream}" for load in loads if load.rows and load.counts},
        )
        found = identifiers_of(landing, streams(), told, [*seeds, *known], folder(config.home) / "links")
    elif any(seed.startswith("person:") for seed in seeds):
        found = {name for name in found if not name.startswith("person:")}
    if not found:
        raise ErasureError(
            "no person of that id is known", next_step='make sql Q="select person_id from dim_customer limit 5"'
        )
    tokens = fresh_tokens(found, suppression.token_of)
    return Journal(tokens, tuple(plain), suppression.entries(tokens), privacy.blinded(""))


def _finish(config: Settings, detail: dict) -> Erased:
    """What the journal says, from the first step on: each can be done again. The caller holds the place lock."""
    journal, home = unfinished(config.home), config.home
    tokens, marks = journal.tokens, marks_of(journal.tokens, journal.plain)
    suppress(home, journal.suppressed, journal.key)
    shutil.rmtree(folder(home) / "links", ignore_errors=True)
    rows = _erase_from_landing(Landing(home), tokens)
    releases = {release.release_id: erase_from(release, tokens, marks) for release in publishing.releases(home)}
    remains = erase_from_remains(home, marks, config.inbox)
    left = found_in(home, marks, tokens, config.inbox)
    searched = left.pop("searched")
    done = Erased(len(tokens.new), rows, releases, remains, searched, left)
    detail |= {"identifiers": len(tokens.new), "rows": rows, "releases": releases, "searched": searched,
               "left": sum(left.values())}  # fmt: skip
    if left:
        told = "; ".join(f"{path}: {count}" for path, count in sorted(left.items())[:10])
        raise StillFound(
            f"the person is still found in {len(left)} of {searched} files: {told}",
            next_step="remove these files or what they say, then run the same command again",
        )
    forget(home)
    return done


def _erase_from_landing(landing: Landing, tokens: Tokens) -> dict[str, int]:
    rows = {}
    for stream in streams():
        done = landing.rewrite(stream, lambda table, stream=stream: substituted(stream, table, tokens.token_of))
        if done.rows:
            rows[stream.label] = done.rows
    landing.sweep()  # what a killed load, or a killed erasure, left
    return rows


def _is_theirs(cell: str, *, privacy: Privacy, hashes: set[str]) -> bool:
    return bool({privacy.email(cell), privacy.phone(cell)} & hashes)
