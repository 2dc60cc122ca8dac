"""A second reading of the business: each KPI table recomputed in plain Python from the landed rows.

Slow on purpose, and no code of the models: what it knows it knows from docs/ and from the descriptions of the models.

    reading.py    the landed rows, and what was asked (day, currency, windows …)
    money.py      rates and rounding          people.py     who is one person
    channels.py   GA4's groups                adverts.py    ads, campaigns, what links mean
    orders.py     orders and their costs      crm.py        contacts and deals
    visits.py     visits and touches          credits.py    what conversions owe to touches
    customers.py  purchase days               order_lines.py
    markov.py     a chain over channels       lifetime.py   likelihoods of lifetime value
    kpi_*.py      one per family of KPI tables: functions from World to rows; tables.py lists them
"""
