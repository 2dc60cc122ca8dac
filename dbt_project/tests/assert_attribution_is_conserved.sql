-- Catches revenue and conversions that a model of attribution loses or invents: per KPI day and type, each model of
-- kpi_attribution must add up to the orders, leads and won deals of the facts, exactly; so must fct_attribution_long.
with facts as (
    select
        date_day,
        case when is_first_order then 'first_order' else 'repeat_order' end as conversion_type,
        case when is_credit_note then 0 else 1 end as conversions,
        net_amount as revenue
    from {{ ref('fct_orders') }}
    union all
    select lead_day as date_day, 'lead' as conversion_type, 1 as conversions, null as revenue
    from {{ ref('fct_contacts') }}
    union all
    select closed_day as date_day, 'won_deal' as conversion_type, 1 as conversions, amount as revenue
    from {{ ref('fct_deals') }}
    where is_won
),

expected as (
    select date_day, conversion_type, sum(conversions) as conversions, sum(revenue) as revenue
    from facts
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day, conversion_type
),

models as (
    {%- for model in path_models() + ['markov', 'shapley'] %}
    select '{{ model }}' as model{{ ' union all' if not loop.last }}
    {%- endfor %}
),

told as (
    select date_day, conversion_type, model, sum(conversions) as conversions, sum(revenue) as revenue
    from {{ ref('kpi_attribution') }}
    where conversions <> 0 or revenue <> 0
    group by date_day, conversion_type, model
)

select expected.date_day, expected.conversion_type, models.model, expected.conversions, told.conversions as told
from expected
cross join models
full outer join told
    on expected.date_day = told.date_day
    and expected.conversion_type = told.conversion_type
    and models.model = told.model
where
    coalesce(expected.conversions, 0) <> coalesce(told.conversions, 0)
    or coalesce(expected.revenue, 0) <> coalesce(told.revenue, 0)
