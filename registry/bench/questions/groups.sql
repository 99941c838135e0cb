WITH grouped AS MATERIALIZED (
  -- The days asked for are whole years; where one cut a year, the returns of that year would have to be read.
  SELECT country_code, year, sum(people) AS people
  FROM placements_of_year
  WHERE kept = 'COUNTRY' AND measure = 'DEPARTED' AND sector_code = '' AND period_start >= :from AND period_end <= :until
  GROUP BY country_code, year
),
summed AS MATERIALIZED (
  SELECT sum(people) AS total, count(*) AS row_count FROM grouped
)
SELECT json_object('data', json_object('placements', json_object(
  'total', coalesce(total, 0),
  'rowCount', row_count,
  'rows', (
    SELECT json_group_array(json_object(
      'people', g.people,
      'share', CAST(g.people AS REAL) / summed.total,
      'year', g.year,
      'country', json_object('code', c.code, 'name', c.name_en)
    ))
    FROM (SELECT * FROM grouped ORDER BY people DESC, country_code, year LIMIT 100) g
    JOIN country c ON c.code = g.country_code
  )
)))
FROM summed
