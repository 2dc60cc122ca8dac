"""One message shape for whoever is on call, sent to the routes of config/mart.yml, and no more than is news.

A route is an Apprise URL (https://github.com/caronc/apprise/wiki lists the services) or `file:<path>`, a text file
that is appended to; a relative path lies in MART_HOME. `send` sends one alert; `report` tells what a run found as one
message a route, once while it lasts, and again when it is over. Every message is logged, and recorded with what
became of it in MART_HOME/alerts.jsonl; what is open stands in alerts.json.
"""

from marketing_mart.alerting.alert import Alert, alert_for, grouped
from marketing_mart.alerting.checks import of_checks
from marketing_mart.alerting.message import render
from marketing_mart.alerting.record import record_fault, undelivered
from marketing_mart.alerting.reporting import guarded, hold, report, send
from marketing_mart.alerting.routes import Delivery
from marketing_mart.redaction import redact

__all__ = [
    "Alert", "Delivery", "alert_for", "grouped", "guarded", "hold", "of_checks", "record_fault", "redact", "render",
    "report", "send", "undelivered",
]  # fmt: skip
