{#
    A KPI of the seed kpis from sums of its two measures: the numerator for a volume, factor x numerator / denominator
    for a ratio. `kpis` is the alias of the seed.
#}
{% macro kpi_value(kpis, numerator, denominator) -%}
    case
        when {{ kpis }}.denominator is null then cast({{ numerator }} as double)
        else {{ ratio(kpis ~ '.factor * ' ~ numerator, denominator) }}
    end
{%- endmacro %}
