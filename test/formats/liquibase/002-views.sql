-- liquibase formatted sql
-- changeset ann:ward-view runOnChange:true
CREATE OR REPLACE VIEW ward_view AS SELECT id FROM ward;
/* liquibase rollback
DROP VIEW
    ward_view;
*/

-- changeset "Ann Lee":"nurses of wards"
CREATE TABLE nurse (id integer PRIMARY KEY);
