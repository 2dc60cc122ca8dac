{# The path models, each a column credit_<model> of fct_attribution. #}
{% macro path_models() -%}
    {{ return(['first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay']) }}
{%- endmacro %}

{# Types of conversion that some landed stream tells of: of the others it is not known whether there were any. #}
{% macro known_conversion_types() -%}
    {%- set measures = {'first_order': 'orders', 'repeat_order': 'orders', 'lead': 'leads', 'won_deal': 'won_deals'} -%}
    {%- set known = [] -%}
    {%- for type, measure in measures.items() if is_known(measure) %}{% do known.append(type) %}{% endfor -%}
    {{ return(known) }}
{%- endmacro %}

{# Days that a touch may lie before a conversion of this type. A contact's origin is looked for as a lead's is. #}
{% macro window_days(conversion_type) -%}
    {{ return(var('attribution_windows')['lead' if conversion_type == 'contact_origin' else conversion_type]) }}
{%- endmacro %}

{#
    The number of the span of time that an instant lies in; a span is as long as the longest window, so that a window
    reaches into two of them. Equal numbers make the search for a conversion's touches a hash join of few candidates.
#}
{% macro window_span(instant) -%}
    {{ whole_quotient(epoch_micros(instant), 86400000000 * (var('attribution_windows').values() | max)) }}
{%- endmacro %}

{# Credits are counted in whole billionths, so that they add up to exactly 1. #}
{% macro billionths(number) -%}
    cast(cast({{ number }} as decimal(10, 0)) * cast(0.000000001 as decimal(9, 9)) as decimal(10, 9))
{%- endmacro %}

{# An amount times a credit: 10 and 9 decimals make 19, so nothing is rounded. #}
{% macro credited_amount(amount, credit) -%}
    cast({{ amount }} as decimal(38, 10)) * cast({{ credit }} as decimal(10, 9))
{%- endmacro %}

{# A touch's name over all types and sources. #}
{% macro touch_id(touch_type, source, event_id) -%}
    {{ touch_type }} || ':' || {{ source }} || ':' || {{ event_id }}
{%- endmacro %}

{# The revenue of a type of conversion: leads have none to tell, a won deal without an amount brought nothing. #}
{% macro credited_revenue(revenue) -%}
    cast(case when conversion_type <> 'lead' then coalesce(sum({{ revenue }}), 0) end as decimal(38, 19))
{%- endmacro %}
