{#
    Whether a day is of the sample by which a test judges what is the same on every day, the SQL of a view: the last 31
    days, and every 29th of the ten years before them. The sample moves with `mart_date`: 29 daily builds look at each
    day once. A mistake that may be in the rows of any one day is no matter for it, and needs a test of all days.
    The days are written out, since only then a view over a group by or a join reads no others.
#}
{% macro is_sampled_day(day) -%}
    {%- set last = modules.datetime.date.fromisoformat(told_today('mart_date')) -%}
    {%- set days = [] -%}
    {%- for back in range(10 * 365) if back < 31 or back % 29 == 0 -%}
        {%- do days.append("cast('" ~ (last - modules.datetime.timedelta(days=back)) ~ "' as date)") -%}
    {%- endfor -%}
    {{ day }} in ({{ days | join(', ') }})
{%- endmacro %}
