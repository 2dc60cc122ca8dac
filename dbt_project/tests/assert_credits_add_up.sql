-- Catches a conversion that attribution loses or repeats, and credits that do not add up to exactly 1 by one of the
-- path models (a cut that nobody takes back, a touch that is counted twice). Returns the conversions.
with credited as (
    select
        conversion_type, source, conversion_id,
        count(*) as touch_rows,
        max(touches) as touches,
        {%- for model in path_models() %}
            sum(credit_{{ model }}) as {{ model }},
        {%- endfor %}
        min(least({{ path_models() | map('replace', '', 'credit_', 1) | join(', ') }})) as least_credit
    from {{ ref('fct_attribution') }}
    group by conversion_type, source, conversion_id
),

expected as (
    select conversion_type, source, conversion_id
    from {{ ref('int_conversions') }}
    where is_attributed and conversion_type <> 'contact_origin'
)

select expected.conversion_type, expected.source, expected.conversion_id, credited.touch_rows, credited.touches
from expected
full outer join credited
    on expected.conversion_type = credited.conversion_type
    and expected.source = credited.source
    and expected.conversion_id = credited.conversion_id
where
    expected.conversion_id is null
    or credited.conversion_id is null
    or credited.touch_rows <> greatest(credited.touches, 1)
    or credited.least_credit < 0
    {%- for model in path_models() %}
        or credited.{{ model }} <> 1
    {%- endfor %}
