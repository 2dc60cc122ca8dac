"""The `files` source: a folder, the inbox, of <stream>.csv or <stream>.parquet. Header names are the contract.

A stream without a file is off. A file of a report stream (ad_performance, sessions, events) holds the whole truth
from its first day on: a later day that is missing there has no rows; days before its first stay as they landed. A
file of any other stream adds its rows to what landed before, and a key's newest row counts.

CSV: UTF-8 with or without a byte order mark; comma, semicolon, tab or bar between values; a header line.
Parquet: texts, decimals, integers, floats (rounded to the currency's minor unit), dates, timestamps.
Values: days 2025-06-30; months 2025-06; instants ISO 8601, without an offset in the reporting zone; amounts with
a point and at most 6 digits after it; true/false, yes/no, 1/0; currencies by ISO 4217. An empty value is a missing
one; surrounding blanks mean nothing. An optional column that is part of a key is '' where it is missing, so that
keys can be compared; any other is null.

Emails and phone numbers become keyed hashes. Columns nobody declared are kept as JSON in `_extra` and reported,
except those that look personal, which are reported and left out.
"""

from marketing_mart.connectors.files.inbox import check, present, unknown_files
from marketing_mart.connectors.files.reading import narrowed, read
from marketing_mart.connectors.files.streams import STREAMS

__all__ = ["STREAMS", "check", "narrowed", "present", "read", "unknown_files"]
