{#
    The key of a table: none of its columns is null and no two rows share it. One query instead of one per column.
    A key of many columns is looked for by its hash first, one number instead of seven texts: a third of the memory and
    half the time over 2 million ads. Rows whose hashes are equal need not be: their keys are then compared themselves.
    `sample_by`: a column of days, of which only the sample is read (is_sampled_day): for a view whose key follows from
    its SQL and the keys of what it reads.
#}
{% test grain(model, columns, sample_by=none) %}
    {%- set is_null %}{% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}{% endset %}
    {%- set is_wide = columns | length > 3 %}
    {%- set rows_of_model %}
        {%- if sample_by %}(select * from {{ model }} where {{ is_sampled_day(sample_by) }}) as sampled
        {%- else %}{{ model }}{% endif %}
    {%- endset %}
    {% if is_wide %}
        with suspects as (
            select {{ row_hash(columns) }} as row_hash
            from {{ rows_of_model }}
            group by {{ row_hash(columns) }}
            having count(*) > 1
        )
    {% endif %}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ rows_of_model }}
    {% if is_wide %}where {{ row_hash(columns) }} in (select row_hash from suspects){% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1{% if not is_wide %} or {{ is_null }}{% endif %}
    {% if is_wide %}
        union all
        select {{ columns | join(', ') }}, count(*) as row_count
        from {{ rows_of_model }}
        where {{ is_null }}
        group by {{ columns | join(', ') }}
    {% endif %}
{% endtest %}
