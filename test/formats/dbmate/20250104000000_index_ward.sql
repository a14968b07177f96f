-- depends-on: 20250103000000_create_ward
-- migrate:up transaction:false
-- description: built while others write
CREATE INDEX CONCURRENTLY ward_id ON ward (id);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY ward_id;
