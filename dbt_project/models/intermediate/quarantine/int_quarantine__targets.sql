-- Targets that can't be right; one whose three bounds are 0 was taken back. Where less is better (cac, cpa) the floor
-- lies above the target.
with targets as (
    select * from {{ ref('stg_files__targets') }}
),

kpis as (
    select * from {{ ref('kpis') }}
),

channels as (
    select * from {{ ref('dim_channel') }}
),

judged as (
    select
        targets.month, targets.kpi, targets.channel, targets.floor, targets.target, targets.stretch,
        kpis.kpi is null as is_kpi_unknown,
        targets.channel <> '' and channels.channel is null as is_channel_unknown,
        targets.channel <> '' and not kpis.is_by_channel as is_kpi_of_no_channel,
        case
            when kpis.is_lower_better then targets.floor < targets.target or targets.target < targets.stretch
            else targets.floor > targets.target or targets.target > targets.stretch
        end as is_out_of_order
    from targets
    left join kpis on targets.kpi = kpis.kpi
    left join channels on targets.channel = channels.channel
),

named as (
    select
        *,
        case
            when extract(day from month) <> 1 then 'month_not_first_day'
            when is_kpi_unknown then 'unknown_kpi'
            when is_channel_unknown then 'unknown_channel'
            when is_kpi_of_no_channel then 'kpi_not_by_channel'
            when is_out_of_order then 'bounds_out_of_order'
        end as fault
    from judged
),

final as (
    select
        'files' as source,
        'targets' as stream,
        {{ row_key(['month', 'kpi', 'channel']) }} as row_key,
        month as date_day,
        case when floor = 0 and target = 0 and stretch = 0 then 'taken_back' else fault end as reason,
        cast(null as varchar) as currency,
        cast(null as decimal(38, 6)) as amount_local,
        {{ json_row(['month', 'kpi', 'channel', 'floor', 'target', 'stretch']) }} as row_json
    from named
    where fault is not null
)

select * from final
