"""What people look at: the release's page, and the table that a run prints."""

from marketing_mart.report.page import render
from marketing_mart.report.table import text_table

__all__ = ["render", "text_table"]
