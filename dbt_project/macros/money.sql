{# Micros (millionths of the account's currency) to that currency. #}
{% macro from_micros(micros) -%}
    cast({{ micros }} as decimal(18, 0)) * cast(0.000001 as decimal(7, 6))
{%- endmacro %}

{# An amount in its own currency, as every `_local` column has it. #}
{% macro local_amount(amount) -%}
    cast({{ amount }} as decimal(38, 6))
{%- endmacro %}

{# A local amount in reporting currency, to 10 decimals; null where the rate is missing. #}
{% macro reporting_amount(amount, rate) -%}
    cast({{ amount }} * {{ rate }} as decimal(38, 10))
{%- endmacro %}
