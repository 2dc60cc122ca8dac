"""The text of an alert: plain, so that every service shows it; what is empty is left out."""

from dataclasses import replace

from marketing_mart.alerting.alert import Alert, counted
from marketing_mart.redaction import printable

WHOLE = 4  # parts of a message that are told in full
NAMED = 12  # and of the rest, by name
BODY_LENGTH = 3500  # what the strictest of the services takes in one message
SAMPLED = 3  # parts that show rows


def render(alert: Alert) -> tuple[str, str]:
    """Title and body. Of several problems the worst are told in full, the others by name, then by number."""
    day = f" {alert.day}" if alert.day else ""
    title = f"{'DEMO ' if alert.demo else ''}{_word(alert)} marketing-mart{day}: {printable(alert.title)}"
    if not alert.parts:
        return title, _cut("\n".join(_lines(alert)), alert.link)
    parts = [part for part in alert.parts if part.kind != "recovery"]
    over = [part for part in alert.parts if part.kind == "recovery"]
    blocks = [_block(number, part, alert.link) for number, part in enumerate(parts[:WHOLE], 1)]
    if rest := parts[WHOLE:]:
        more = f", and {len(rest) - NAMED} more" if len(rest) > NAMED else ""
        names = "\n".join(f"  {_heading(part)}" for part in rest[:NAMED])
        blocks.append(
            f"and {len(rest)} more ({counted(rest)}{'; see ' + alert.link if alert.link else ''}):\n{names}{more}"
        )
    blocks += [f"OVER {_heading(part, severity=False)}: since {part.lasted}" for part in over]
    foot = [("page", alert.link), ("owner", alert.owner), ("run", alert.run_id)]
    return title, _cut("\n".join(blocks), alert.link) + "".join(f"\n{name}: {text}" for name, text in foot if text)


def _block(number: int, part: Alert, link: str) -> str:
    shown = _lines(replace(part, run_id="", link="" if part.link == link else part.link), rows=number <= SAMPLED)
    return "\n".join([f"{number}. {_heading(part)}", *(f"   {line}" for text in shown for line in text.splitlines())])


def _heading(part: Alert, *, severity: bool = True) -> str:
    where = f"{part.source}: " if part.source and part.source not in part.title else ""
    return f"{_word(part) + ' ' if severity else ''}{where}{printable(part.title)}"


def _word(alert: Alert) -> str:
    return {"reminder": f"STILL {alert.severity.upper()}", "recovery": "OVER"}.get(alert.kind, alert.severity.upper())


def _lines(alert: Alert, *, rows: bool = True) -> list[str]:
    fields = [
        ("since", alert.lasted),
        ("source", alert.source),
        ("account", alert.account),
        ("expected", alert.expected),
        ("actual", alert.actual),
        ("detail", "" if _said(alert) else alert.detail),
        ("samples", "\n".join([*(alert.samples if rows else ()), _in(alert.sample_path)]).strip()),
        ("next", alert.next_step),
        ("owner", alert.owner),
        ("run", alert.run_id),
        ("page", alert.link),
    ]
    if alert.kind == "recovery":  # nothing is left to do
        fields = [field for field in fields if field[0] in ("since", "source", "account", "owner", "run")]
    return [f"{name}: {printable(text)}".replace("\n", "\n  ") for name, text in fields if text]


def _in(path: str) -> str:
    return f"in {path}" if path else ""


def _said(alert: Alert) -> bool:
    """A detail of one line that the title ends with says nothing more."""
    return alert.title.endswith(alert.detail.strip())


def _cut(text: str, link: str) -> str:
    if len(text) <= BODY_LENGTH:
        return text
    lines, _, _ = text[:BODY_LENGTH].rpartition("\n")
    rest = f"the rest is in {link}" if link else "the rest is in the log"
    return f"{lines or text[:BODY_LENGTH]}\n(cut; {rest})"
