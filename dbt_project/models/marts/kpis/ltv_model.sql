-- fitted_at is the end of the mart's day and no clock: the same rows give the same table.
with fits as (
    select * from {{ ref('int_ltv_fits') }}
),

parameters as (
    select 'bg_nbd' as model, 'r' as parameter
    union all
    select 'bg_nbd' as model, 'alpha' as parameter
    union all
    select 'bg_nbd' as model, 'a' as parameter
    union all
    select 'bg_nbd' as model, 'b' as parameter
    union all
    select 'gamma_gamma' as model, 'p' as parameter
    union all
    select 'gamma_gamma' as model, 'q' as parameter
    union all
    select 'gamma_gamma' as model, 'v' as parameter
),

final as (
    select
        parameters.model,
        parameters.parameter,
        case parameters.parameter
            when 'r' then fits.r
            when 'alpha' then fits.alpha
            when 'a' then fits.a
            when 'b' then fits.b
            when 'p' then fits.p
            when 'q' then fits.q
            when 'v' then fits.v
        end as value,
        fits.log_likelihood,
        fits.customers,
        fits.status = 'fitted' as is_fitted,
        fits.status,
        {{ end_of_day(mart_date()) }} as fitted_at
    from parameters
    inner join fits on parameters.model = fits.model
)

select * from final
