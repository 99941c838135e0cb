SELECT json_object('data', json_object('quotas', json_object('nodes', json_group_array(json_object(
  'reference', q.reference,
  'kind', q.kind,
  'unit', q.unit,
  'places', q.places,
  'period', json_object('edtf', q.period, 'start', q.period_start, 'end', q.period_end),
  'country', json_object('code', c.code, 'name', c.name_en),
  'sector', CASE WHEN s.code IS NOT NULL THEN json_object('code', s.code, 'name', s.name_en) END,
  'agreement', CASE WHEN a.id IS NOT NULL THEN json_object('reference', a.reference) END
)))))
FROM (
  SELECT * FROM quota
  WHERE reference > :after AND (agreement_id IS NULL OR EXISTS (SELECT 1 FROM agreement WHERE id = quota.agreement_id AND audience = 'PUBLIC'))
  ORDER BY reference LIMIT 1000
) q
JOIN country c ON c.code = q.country_code
LEFT JOIN sector s ON s.code = q.sector_code
LEFT JOIN agreement a ON a.id = q.agreement_id
