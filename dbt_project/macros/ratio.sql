{#
    Sum first, divide last: `ratio('sum(spend)', 'sum(clicks)')`; null where the divisor is zero or null.
    The sums are exact decimals; the quotient is a double: one IEEE division, the same on every engine and in
    whatever order the rows came.
#}
{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}
