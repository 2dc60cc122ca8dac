"""Great Expectations' data docs: a page per table as GX renders it, an index of ours, nothing loaded from elsewhere.

As GX writes them, every page loads style sheets, scripts and a logo from seven other hosts, and the index is filled
by such a script: offline it is empty, online it tells those hosts who reads it. Those parts are taken out, and a
short style sheet stands in for theirs. What a vendor sends is shown there too, so a policy lets no script run.
"""

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from marketing_mart.quality.results import CheckResult, GateResult

POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
    " base-uri 'none'; form-action 'none'\">\n"
)
STYLE = """<style>
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:1280px;padding:0 24px 64px;color:#1b1f24}
nav ol,nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:8px 0}
table{border-collapse:collapse;width:100%;margin:8px 0}
th,td{border:1px solid #d5d9de;padding:6px 10px;text-align:left;vertical-align:top}
th{background:#f3f5f7}
.text-success{color:#1a7f37}.text-danger{color:#c1121f}.text-warning{color:#9a6700}
.fa-check-circle::before{content:"\\2714"}.fa-times::before{content:"\\2718"}
.fa-exclamation-triangle::before{content:"\\26A0"}
pre{white-space:pre-wrap}.collapse.show,.ge-section{display:block}
</style>
"""
# Whole elements that load something, or that only work with what is so loaded.
_OUTSIDE = (
    r"<script\b[^>]*>.*?</script>",
    r"<link\b[^>]*>",
    r"<img\b[^>]*>",
    r"<footer\b.*?</footer>",
    r"<div class=\"card mb-3\">\s*<div class=\"card-header p-2\">\s*<strong>Actions</strong>.*?(?=<div class=\"card )",
)
_OUTSIDE_STYLE = r"url\('https?://[^']*'\)"


def write_page(folder: Path, table: str, told: Any) -> None:
    """The page of one table, from Great Expectations' result of its suite."""
    renderer, view = _templates()
    folder.mkdir(parents=True, exist_ok=True)
    page = view.render(renderer.render(told))
    (folder / f"{table}.html").write_text(without_other_hosts(page), encoding="utf-8")


def write_index(folder: Path, result: GateResult, run_id: str) -> None:
    """The gate's first page: every table with its checks, the red ones by name."""
    tables = dict.fromkeys(check.table for check in result.checks)
    rows = "".join(_row(table, [check for check in result.checks if check.table == table]) for table in tables)
    page = (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>{POLICY}"
        f"<title>Gate {result.gate} {result.day}</title>"
        f"{STYLE}</head><body><h1>Gate {result.gate}, {result.day}</h1><p>Run {escape(run_id)}</p>"
        f"<table><tr><th>table</th><th>checks</th><th>not green</th></tr>{rows}</table></body></html>"
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


@cache
def _templates() -> tuple[Any, Any]:
    """GX's renderer and view; a view compiles its templates, which takes longer than all pages do."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    return ValidationResultsPageRenderer(), DefaultJinjaPageView()


def _row(table: str, checks: list[CheckResult]) -> str:
    bad = [
        f"<li><span class='{_class(check)}'>{escape(check.told())}</span><br>{escape(check.why)}; "
        f"next: {escape(check.next_step)} ({escape(check.owner)})</li>"
        for check in checks
        if not check.ok
    ]
    told = f"<ul>{''.join(bad)}</ul>" if bad else "<span class='text-success'>none</span>"
    return f"<tr><td><a href='{table}.html'>{table}</a></td><td>{len(checks)}</td><td>{told}</td></tr>"


def _class(check: CheckResult) -> str:
    return "text-danger" if check.is_red else "text-warning"


def without_other_hosts(html: str) -> str:
    """The page without anything a browser would fetch from elsewhere."""
    for pattern in _OUTSIDE:
        html = re.sub(pattern, "", html, flags=re.DOTALL | re.IGNORECASE)
    html = re.sub(_OUTSIDE_STYLE, "none", html)
    html = re.sub(r'href="(?:\.\./)+index\.html"', 'href="index.html"', html)
    html = re.sub(r'href="(?:\.\./)+expectations/[^"]*"', "", html)  # pages of suites, which are not written
    html = re.sub(r"<head\b[^>]*>", lambda head: head.group() + POLICY, html, count=1)
    return html.replace("</head>", STYLE + "</head>", 1)
