-- transactional: no
CREATE INDEX CONCURRENTLY nurse_id ON nurse (id);
