"""Why a row is in quarantine, and what lets it out. No command does: every reason is about the row, not about us.

Either nobody could compute with the row (an amount in no currency), or it names something that nobody knows, and then
it is let in by making that known, which also lets in the next row like it.
"""

LET_OUT_BY = {
    "missing_currency": "an amount in no currency adds up with nothing: give the row its currency in the source",
    "month_not_first_day": "a plan of a day in the middle is of no month: date it to the month's first day in the file",
    "unknown_kpi": "no KPI has that name: write it as in the seed kpis",
    "kpi_not_by_channel": "no channel has a value of that KPI to hold the target against: take the channel out",
    "bounds_out_of_order": "floor, target and stretch contradict each other: put them in order in the file",
    "ends_before_start": "no day lies between its start and its end: correct one of the two in the file",
    "won_before_created": "it would count before it exists: correct the deal's dates in the CRM",
    "closed_before_created": "it would count before it exists: correct the deal's dates in the CRM",
    "unknown_channel": "name the channel under `channels:` in the configuration if it is right, else mend the file",
    "unknown_campaign": "no ad day has that campaign: mend the id in the file, or land the platform's days",
    "unknown_product": "add the product to the shop's catalogue, or mend the id in the file",
    "taken_back": "somebody took the row back: it waits for nothing",
}
