-- Expected value of a purchase: Fader, Hardie (2013), "The Gamma-Gamma Model of Monetary Value", equation 5, the
-- customer's own mean drawn towards that of all by how little is known of them. A mean below 0 (more came back than
-- was bought) counts as 0, where the model ends.
with purchases as (
    select * from {{ ref('int_customer_purchases') }}
),

predictions as (
    select * from {{ ref('int_purchase_predictions') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

fits as (
    select * from {{ ref('int_ltv_fits') }}
    where model = 'gamma_gamma'
),

totals as (
    select
        person_id, repeat_purchases, recency_days, age_days,
        case
            when repeat_purchases = 0 or mean_value < 0 then 0
            else mean_value * repeat_purchases
        end as repeat_value
    from purchases
),

valued as (
    select
        totals.*,
        case
            when fits.p * totals.repeat_purchases + fits.q > 1
                then {{ ratio(
                    'fits.p * (fits.v + totals.repeat_value)', 'fits.p * totals.repeat_purchases + fits.q - 1'
                ) }}
        end as expected_value
    from totals
    cross join fits
),

final as (
    select
        valued.person_id,
        segments.segment,
        predictions.p_alive,
        predictions.expected_purchases,
        cast(valued.expected_value as decimal(38, 10)) as expected_value,
        cast(predictions.expected_purchases * valued.expected_value as decimal(38, 10)) as predicted_ltv
    from valued
    left join segments on valued.person_id = segments.person_id
    left join predictions
        on valued.repeat_purchases = predictions.repeat_purchases
        and valued.recency_days = predictions.recency_days
        and valued.age_days = predictions.age_days
)

select * from final
