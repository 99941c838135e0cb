WITH instrument AS MATERIALIZED (
  SELECT a.id, a.reference, a.title_as_printed, a.type, s.status, s.possible
  FROM (SELECT DISTINCT agreement_id FROM agreement_party WHERE country_code = :code) p
  JOIN agreement a ON a.id = p.agreement_id AND NOT a.comparator
  JOIN status_span s ON s.agreement_id = a.id AND s.from_day <= :date AND s.until_day > :date AND s.status <> 'NONE'
),
of_year AS MATERIALIZED (
  SELECT *
  FROM quota
  WHERE country_code = :code
    AND (period_start IS NULL OR period_start <= :year || '-12-31')
    AND (period_end IS NULL OR period_end >= :year || '-01-01')
),
asked AS MATERIALIZED (
  SELECT
    *,
    condition IS NULL
      AND (period_start IS NOT NULL OR period_end IS NOT NULL)
      AND (SELECT group_concat(country_code) FROM quota_origin WHERE quota_id = id) = 'UZ' AS may_compare
  FROM of_year
  ORDER BY reference
  LIMIT 20
),
counts (unit, measure, preference) AS (
  VALUES ('PERSONS', 'DEPARTED', 0), ('PERSONS', 'ARRIVED', 1), ('PERSONS', 'EMPLOYED', 2), ('VISAS', 'VISA_ISSUED', 3),
    ('ENTRIES', 'ARRIVED', 1)
),
near AS (
  SELECT
    q.id,
    counts.preference,
    r.people,
    (q.sector_code IS NULL OR inside.part_code IS NOT NULL)
      AND (q.occupation_code IS NULL OR occupation_inside.part_code IS NOT NULL)
      AND (q.agreement_id IS NULL OR q.agreement_id IS r.agreement_id) AS fits,
    r.period_start >= coalesce(q.period_start, '0001-01-01') AND r.period_end <= coalesce(q.period_end, '9999-12-31')
      AS within
  FROM asked q
  CROSS JOIN counts ON counts.unit = q.unit
  CROSS JOIN placement_return r
    ON r.country_code = :code
    AND r.measure = counts.measure
    -- No return spans two years.
    AND r.period_start BETWEEN coalesce(substr(q.period_start, 1, 4), '0001') || '-01-01'
      AND coalesce(q.period_end, '9999-12-31')
    AND r.period_end >= coalesce(q.period_start, '0001-01-01')
  LEFT JOIN sector_part inside ON inside.whole_code = q.sector_code AND inside.part_code = r.sector_code
  LEFT JOIN sector_part around ON around.whole_code = r.sector_code AND around.part_code = q.sector_code
  LEFT JOIN occupation_part occupation_inside
    ON occupation_inside.whole_code = q.occupation_code AND occupation_inside.part_code = r.occupation_code
  LEFT JOIN occupation_part occupation_around
    ON occupation_around.whole_code = r.occupation_code AND occupation_around.part_code = q.occupation_code
  WHERE q.may_compare
    AND (q.sector_code IS NULL OR r.sector_code IS NULL OR coalesce(inside.part_code, around.part_code) IS NOT NULL)
    AND (q.occupation_code IS NULL OR r.occupation_code IS NULL
      OR coalesce(occupation_inside.part_code, occupation_around.part_code) IS NOT NULL)
    AND (q.agreement_id IS NULL OR r.agreement_id IS NULL OR q.agreement_id = r.agreement_id)
),
summed AS (
  SELECT
    id,
    sum(fits AND within) > 0 AS has_fitting,
    sum(NOT within) = 0 AND sum(within AND NOT fits) = 0 AS is_clear,
    sum(people) AS used,
    preference
  FROM near
  GROUP BY id, preference
),
used AS MATERIALIZED (
  SELECT id, is_clear, used
  FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY has_fitting DESC, preference) AS place FROM summed)
  WHERE place = 1
),
by_year AS MATERIALIZED (
  SELECT CAST(substr(period_start, 1, 4) AS INTEGER) AS year, sum(people) AS people
  FROM placement_return
  WHERE country_code = :code AND measure = 'DEPARTED'
  GROUP BY 1
)
SELECT json_object('data', json_object('at', json_object('country', json_object(
  'name', (SELECT name_en FROM country WHERE code = :code),
  'agreements', json_object(
    'totalCount', (SELECT count(*) FROM instrument),
    'nodes', (
      SELECT json_group_array(json_object(
        'reference', a.reference,
        'title', a.title_as_printed,
        'type', a.type,
        'status', a.status,
        'possibleStatuses', json(a.possible),
        'term', (
          SELECT json_object('endsOn', t.ends_on, 'noticeBy', t.notice_by, 'renewals', coalesce(t.renewals, 0))
          FROM agreement_term text
          LEFT JOIN running_term t ON t.agreement_id = a.id AND t.from_day <= :date AND t.until_day > :date
          WHERE text.agreement_id = a.id
        ),
        'acts', (
          SELECT json_group_array(json_object(
            'kind', kind,
            'date', json_object('edtf', date),
            'party', CASE WHEN party_code IS NULL THEN NULL ELSE json_object('code', party_code) END
          ))
          FROM (
            SELECT kind, date, party_code
            FROM legalact
            WHERE agreement_id = a.id
            ORDER BY date_earliest, date_latest, id
          )
        )
      ))
      FROM (SELECT * FROM instrument ORDER BY reference LIMIT 20) a
    )
  ),
  'quotas', json_object(
    'totalCount', (SELECT count(*) FROM of_year),
    'nodes', (
      SELECT json_group_array(json_object(
        'reference', q.reference,
        'kind', q.kind,
        'unit', q.unit,
        'places', q.places,
        'period', json_object('edtf', q.period),
        'sector', CASE
          WHEN q.sector_code IS NOT NULL
            THEN (SELECT json_object('code', code, 'name', name_en) FROM sector WHERE code = q.sector_code)
        END,
        'utilisation', CASE
          WHEN u.is_clear
            THEN json_object(
              'comparable', json('true'),
              'used', u.used,
              'remaining', q.places - u.used,
              'share', CASE WHEN q.places THEN CAST(u.used AS REAL) / q.places END
            )
          ELSE json_object('comparable', json('false'), 'used', NULL, 'remaining', NULL, 'share', NULL)
        END
      ))
      FROM asked q
      LEFT JOIN used u ON u.id = q.id
    )
  ),
  'placements', json_object(
    'total', (SELECT coalesce(sum(people), 0) FROM by_year),
    'rows', (
      SELECT json_group_array(json_object('year', year, 'people', people)) FROM (SELECT * FROM by_year ORDER BY year)
    )
  ),
  'companies', json_object(
    'totalCount', (SELECT count(*) FROM company WHERE country_code = :code),
    'nodes', (
      SELECT json_group_array(json_object(
        'reference', c.reference,
        'name', c.name,
        'roles', (
          SELECT json_group_array(role) FROM (SELECT role FROM company_role WHERE company_id = c.id ORDER BY role)
        )
      ))
      FROM (SELECT * FROM company WHERE country_code = :code ORDER BY reference LIMIT 20) c
    )
  )
))))
