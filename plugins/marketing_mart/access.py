"""How a source is let in to, and the key of the hashes: an Airflow connection, or the demo's stand-in for one."""

import json
from types import MappingProxyType

from marketing_mart import demo, redaction
from marketing_mart.errors import ConfigError
from marketing_mart.settings import Settings
from marketing_mart.streams import Access

_ARE_TOLD = ("_url", "_version", "customer_id")  # parts of an extra that messages may name


def access_from(
    source: str, host: str, port: int | None, scheme: str, login: str, secret: str, extra: str | None
) -> Access:
    """An Airflow connection, frozen; from here on nothing that this process tells has its secrets in it. `host` may be
    a whole URL or a name. ConfigError where its extra is no JSON object."""
    base = host or ""
    if base and "://" not in base:
        base = f"{scheme or 'https'}://{base}" + (f":{port}" if port else "")
    try:
        more = json.loads(extra or "{}")
    except ValueError:
        raise ConfigError(f"connection mart_{source}: its extra is no JSON", next_step="mend the connection") from None
    if not isinstance(more, dict):
        raise ConfigError(
            f"connection mart_{source}: its extra is no JSON object", next_step='write it as {"name": "value"}'
        )
    more = {name: value if isinstance(value, str) else json.dumps(value) for name, value in more.items()}
    redaction.keep_secret(secret or "", *(value for name, value in more.items() if not name.endswith(_ARE_TOLD)))
    redaction.guard_logs()
    return Access(source, base.rstrip("/"), login or "", secret or "", MappingProxyType(more))


def access_to(config: Settings, source: str, found: Access | None) -> Access:
    """The connection found for a source, or the demo's. ConfigError where there is neither; a folder needs none."""
    if source == "files":
        return found or Access("files", "")
    if found:
        return found
    if config.demo:
        return demo.access(source, config)
    raise ConfigError(
        f"{source}: there is no Airflow connection mart_{source}, and `demo: true` is not set",
        next_step=f"airflow connections add mart_{source} … (README, Connect a source)",
    )


def hash_key(config: Settings, identity: Access | None) -> bytes:
    """The key of the hashes of emails and phones. ConfigError where no connection gives one."""
    if identity and identity.secret:
        return identity.secret.encode()
    if config.demo:
        return demo.HASH_KEY
    raise ConfigError(
        "there is no Airflow connection mart_identity: its password keys the hashes of emails and phones",
        next_step="airflow connections add mart_identity --conn-type generic --conn-password …",
    )
