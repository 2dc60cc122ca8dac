{# Micros (millionths of the account's currency) to that currency. #}
{% macro from_micros(micros) -%}
    cast({{ micros }} as decimal(18, 0)) * cast(0.000001 as decimal(7, 6))
{%- endmacro %}

{# An amount in its own currency, as every `_local` column has it. #}
{% macro local_amount(amount) -%}
    cast({{ amount }} as decimal(38, 6))
{%- endmacro %}

{#
    A local amount in reporting currency, to 10 decimals, halves away from zero; null where the rate is missing.
    `rate` is a column of int_fx_rates (`rates.fx_rate`), whose parts stand beside it.
#}
{% macro reporting_amount(amount, rate) -%}
    {{ converted_amount(amount, rate ~ '_whole', rate ~ '_rest') }}
{%- endmacro %}

{# A price times a quantity in its own currency, to 6 decimals, halves away from zero. #}
{% macro amount_of(quantity, price) -%}
    {{ amount_product(quantity, price) }}
{%- endmacro %}
