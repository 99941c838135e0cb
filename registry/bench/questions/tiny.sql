SELECT json_object('data', json_object('country', json_object('code', code, 'name', name_en))) FROM country WHERE code = :code
