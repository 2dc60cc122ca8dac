"""Writes .env for docker-compose.yml with fresh secrets: adds what is missing, leaves what stands there alone."""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path


def _token() -> str:
    return secrets.token_urlsafe(24)


SECRETS: dict[str, Callable[[], str]] = {
    "POSTGRES_PASSWORD": _token,
    "POSTGRES_SUPERUSER_PASSWORD": _token,
    "REDIS_PASSWORD": _token,
    "AIRFLOW_FERNET_KEY": lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),  # the form Fernet demands
    "AIRFLOW_JWT_SECRET": lambda: secrets.token_urlsafe(48),
    "AIRFLOW_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "AIRFLOW_ADMIN_PASSWORD": _token,
    "AIRFLOW_OPERATOR_PASSWORD": _token,
    "AIRFLOW_ANALYST_PASSWORD": _token,
    "MART_IDENTITY_KEY": lambda: secrets.token_hex(32),
}


def main(root: Path) -> int:
    """`root` is the checkout. A later version's new secrets are added to an older .env; none is ever changed."""
    path = root / ".env"
    held = path.read_text() if path.exists() else ""
    known = {line.partition("=")[0].strip() for line in held.splitlines()}
    missing = [name for name in SECRETS if name not in known]
    if not missing:
        print(f"{path} stands already: nothing written")
        return 0
    if held and not held.endswith("\n"):
        held += "\n"
    _replace(path, held + "".join(f"{name}={SECRETS[name]()}\n" for name in missing))
    print(f"{path}: wrote {', '.join(missing)}")
    print("keep a copy of it: without MART_IDENTITY_KEY every person becomes another one")
    return 0


def _replace(path: Path, text: str) -> None:
    """Whole or not at all, and readable by its owner only from the first byte."""
    temporary = path.with_name(f".env.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1]))
