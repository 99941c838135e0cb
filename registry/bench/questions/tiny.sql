SELECT json_object('data', json_object('company', json_object('reference', reference, 'name', name))) FROM company WHERE reference = :reference
