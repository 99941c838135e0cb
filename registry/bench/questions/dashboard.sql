WITH instrument AS MATERIALIZED (
  SELECT a.id, a.reference, a.title_as_printed, a.type, s.status, s.possible
  FROM (SELECT DISTINCT agreement_id FROM agreement_party WHERE country_code = :code) p
  JOIN agreement a ON a.id = p.agreement_id AND NOT a.comparator AND a.audience = 'PUBLIC'
  JOIN status_span s ON s.agreement_id = a.id AND s.from_day <= :date AND s.until_day > :date AND s.status <> 'NONE'
),
of_year AS MATERIALIZED (
  SELECT *
  FROM quota
  WHERE country_code = :code
    AND (period_start IS NULL OR period_start <= :year || '-12-31')
    AND (period_end IS NULL OR period_end >= :year || '-01-01')
    AND (agreement_id IS NULL OR EXISTS (SELECT 1 FROM agreement WHERE id = quota.agreement_id AND audience = 'PUBLIC'))
),
asked AS MATERIALIZED (
  SELECT * FROM of_year ORDER BY reference LIMIT 20
),
by_year AS MATERIALIZED (
  SELECT year, sum(people) AS people
  FROM placements_of_year
  WHERE kept = 'COUNTRY' AND measure = 'DEPARTED' AND country_code = :code AND sector_code = ''
  GROUP BY year
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
        'utilisation', json_object(
          'comparable', json(CASE WHEN u.comparable THEN 'true' ELSE 'false' END),
          'used', u.used,
          'remaining', u.remaining,
          'share', u.share
        )
      ))
      FROM asked q
      JOIN quota_utilisation u ON u.quota_id = q.id
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
