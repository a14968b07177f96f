/* Beds come later.
   -- kind: schema (inside a comment of this form nothing is read) */

-- Kind : data
-- depends-on: 9_create_ward, 20250103000000-create-base-schema, hospital:7_rooms

INSERT INTO ward VALUES (1);
-- transactional: no (too late: a statement stands before)
