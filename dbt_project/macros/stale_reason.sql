{#- Why a source is published as it was before; null for one that is not. Only the run that could not take it in knows:
    it tells the models (`told_today`). -#}
{% macro stale_reason(source) -%}
    cast(
        case {{ source }}
            {%- for name, reason in told_today('stale_sources').items() %}
            when '{{ name }}' then '{{ reason | replace("'", "''") }}'
            {%- endfor %}
            when '' then null
        end as varchar
    )
{%- endmacro %}
