-- Wards are where patients stay.
-- migrate:up
CREATE TABLE ward (id integer PRIMARY KEY);

-- migrate:down
DROP TABLE ward;
