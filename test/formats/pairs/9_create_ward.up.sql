-- depends-on: 3_create_nurse
-- description: wards and their beds
-- run-as: ward_owner
CREATE TABLE ward (id integer PRIMARY KEY);
