-- The rules of `alerts.kpis` in the configuration, named by what they watch.
with rules as (
    {% for rule in var('kpi_rules') %}
        select
            '{{ rule.kpi }}' as kpi,
            '{{ (rule.channel or "(all)") | replace("'", "''") }}' as channel,
            '{{ rule.direction }}' as direction,
            cast('{{ rule.yellow }}' as double) as yellow,
            cast('{{ rule.red }}' as double) as red,
            '{{ rule.owner | replace("'", "''") }}' as owner
        union all
    {% endfor %}
    select
        cast(null as varchar) as kpi, cast(null as varchar) as channel, cast(null as varchar) as direction,
        cast(null as double) as yellow, cast(null as double) as red, cast(null as varchar) as owner
),

final as (
    select
        kpi
        || case when channel = '(all)' then '' else ': ' || channel end
        || case when direction = 'both' then '' else ' (' || direction || ')' end as rule,
        kpi, channel, direction, yellow, red, owner
    from rules
    where kpi is not null
)

select * from final
