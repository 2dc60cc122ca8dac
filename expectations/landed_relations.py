"""Do the rows of one stream fit those of another? Both sides of one source, since a gate judges each by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from expectations.base import Check, Landed, Scope, Severity, no_rows
from expectations.kinds import again, name_of, severity


@dataclass(frozen=True)
class Reference:
    """`child` names what stands in `parent`. `columns`: the child's column, or what it is made of -> the parent's."""

    child: str
    parent: str
    columns: dict[str, str]
    what: str
    severity: Severity = "warning"  # odd but true: a contact that was deleted, a line that came before its order


_CAMPAIGN = {"date_day": "date_day", "account_id": "account_id", "campaign_id": "campaign_id"}
OF_REPORTS = tuple(
    Reference(f"google_ads__{part}", "google_ads__campaign_performance", _CAMPAIGN, "campaign")
    for part in ("ad_performance", "keywords", "search_terms", "campaign_search_terms", "user_locations")
)
OF_ENTITIES = (
    Reference("google_ads__user_locations", "google_ads__countries", {"country_id": "country_id"}, "country"),
    Reference("meta_ads__ad_insights", "meta_ads__ads", {"account_id": "account_id", "ad_id": "ad_id"}, "ad"),
    Reference("files__order_lines", "files__orders", {"order_id": "order_id"}, "order"),
    Reference("files__deals", "files__contacts", {"contact_id": "contact_id"}, "contact"),
    Reference("hubspot__deals", "hubspot__contacts", {"unnest(contact_ids)": "contact_id"}, "contact"),
    Reference("hubspot__email_events", "hubspot__emails", {"campaign_id": "campaign_id"}, "email"),
    Reference("shopify__orders", "shopify__customers", {"customer_id": "customer_id"}, "customer"),
)


def relations(stream: Landed, scope: Scope) -> Iterator[Check]:
    """With a report's rows the parent's rows of the same days are compared, with an entity's all that ever landed."""
    for reference in OF_REPORTS:
        if reference.child == name_of(stream) and scope.has(*reference.parent.split("__", 1)):
            yield _fits(reference, "landed", scope, stream, severity(stream))
    for reference in OF_ENTITIES:
        if reference.child == name_of(stream) and f"known.{reference.parent}" in scope.tables:
            yield _fits(reference, "known", scope, stream, reference.severity)


def _fits(reference: Reference, schema: str, scope: Scope, stream: Landed, severity_: Severity) -> Check:
    """Of the parent's keys only those that a child asks for are looked at: it may have millions."""
    asked = ", ".join(f"{made} as {name}" for made, name in reference.columns.items())
    names = ", ".join(reference.columns.values())
    filled = " and ".join(f"{name} is not null" for name in reference.columns.values())
    return no_rows(
        f"{reference.what}_is_known",
        f"select {names}, count(*) as rows_of_it from asked anti join there using ({names}) group by all order by all",
        given=f"asked as (select * from (select {asked} from batch) where {filled}),"
        f" there as (select distinct {names} from {schema}.{reference.parent} semi join asked using ({names}))",
        expected=f"a {reference.what} in {reference.parent} for every row that names one",
        why=f"rows of a {reference.what} that nobody knows belong to nothing",
        next_step=f"see whether the {reference.what} was read or deleted; {again(scope, stream.source)}",
        severity=severity_,
    )
