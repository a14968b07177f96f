-- migrate:up
CREATE TABLE nurse (
    id integer
);
-- migrate:down
DROP TABLE nurse;
