{#- Why a source is published as it was before; null for one that is not. Only the run that could not take it in knows:
    it tells the models by the variable stale_sources. -#}
{% macro stale_reason(source) -%}
    cast(
        case {{ source }}
            {%- for name, reason in var('stale_sources').items() %}
            when '{{ name }}' then '{{ reason | replace("'", "''") }}'
            {%- endfor %}
            when '' then null
        end as varchar
    )
{%- endmacro %}
