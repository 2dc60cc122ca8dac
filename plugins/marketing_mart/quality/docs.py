"""Great Expectations' data docs as pages that reach for nothing outside their folder.

As GX writes them, every page loads style sheets, scripts and a logo from seven other hosts: offline it is unstyled,
online it tells those hosts who reads it. What they add (a filter, a sortable index) is left out; a short style
sheet of ours does the rest.
"""

import re
from pathlib import Path
from typing import Any

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
# Whole elements that load something from another host, or that only work with what is so loaded.
_OUTSIDE = (
    r"<script\b[^>]*>.*?</script>",
    r'<link\b[^>]*href="https?://[^>]*>',
    r'<img\b[^>]*src="https?://[^>]*>',
    r"<footer\b.*?</footer>",
    r"<div class=\"card mb-3\">\s*<div class=\"card-header p-2\">\s*<strong>Actions</strong>.*?(?=<div class=\"card )",
)
_OUTSIDE_STYLE = r"url\('https?://[^']*'\)"


def build_docs(gx: Any, folder: Path) -> Path:
    """Write the docs of everything in the context's validation store; returns the index page."""
    gx.add_data_docs_site(
        site_name=folder.name,
        site_config={
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "site_section_builders": {"expectations": "None", "profiling": "None"},
        },
    )
    gx.build_data_docs(site_names=[folder.name])
    for page in folder.rglob("*.html"):
        page.write_text(without_other_hosts(page.read_text(encoding="utf-8")), encoding="utf-8")
    return folder / "index.html"


def without_other_hosts(html: str) -> str:
    """The page without anything a browser would fetch from another host."""
    for pattern in _OUTSIDE:
        html = re.sub(pattern, "", html, flags=re.DOTALL | re.IGNORECASE)
    html = re.sub(_OUTSIDE_STYLE, "none", html)
    return html.replace("</head>", STYLE + "</head>", 1)
