WITH page AS MATERIALIZED (
  SELECT a.id, a.reference, a.title_as_printed, s.status
  FROM agreement a
  JOIN status_span s ON s.agreement_id = a.id AND s.from_day <= :date AND s.until_day > :date AND s.status <> 'NONE'
  WHERE a.reference > :after AND NOT a.comparator AND a.audience = 'PUBLIC'
  ORDER BY a.reference
  LIMIT 51
)
SELECT json_object('data', json_object('at', json_object('agreements', json_object(
  'nodes', (
    SELECT json_group_array(json_object(
      'reference', reference,
      'title', title_as_printed,
      'status', status,
      'partners', (
        SELECT json_group_array(json_object('code', code, 'name', name_en))
        FROM (
          SELECT DISTINCT c.code, c.name_en
          FROM agreement_party p
          JOIN country c ON c.code = p.country_code
          WHERE p.agreement_id = page.id AND p.country_code <> 'UZ'
          ORDER BY c.code
        )
      )
    ))
    FROM (SELECT * FROM page ORDER BY reference LIMIT 50) page
  ),
  'pageInfo', json_object('hasNextPage', json(CASE (SELECT count(*) FROM page) WHEN 51 THEN 'true' ELSE 'false' END))
))))
