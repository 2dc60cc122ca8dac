-- Emails and phones that stand beside too many stronger identifiers of one kind to tell who somebody is: the shop's own
-- number that clerks type in, a switchboard. They link nobody and are nobody's. What is weaker does not count
-- against what is stronger: who sends presents to many numbers keeps the email.
with records as (
    select * from {{ ref('int_record_identifiers') }}
),

pairs as (
    select distinct email_identifier as identifier, owner_identifier as holder
    from records
    where email_identifier is not null and owner_identifier is not null
    union all
    select distinct phone_identifier as identifier, owner_identifier as holder
    from records
    where phone_identifier is not null and owner_identifier is not null
    union all
    select distinct phone_identifier as identifier, email_identifier as holder
    from records
    where phone_identifier is not null and email_identifier is not null
),

counted as (
    select identifier, substr(holder, 1, 5) as kind, count(*) as holders
    from pairs
    group by identifier, substr(holder, 1, 5)
),

final as (
    select identifier, max(holders) as holders
    from counted
    group by identifier
    having max(holders) > {{ var('max_accounts_per_address') }}
)

select * from final
