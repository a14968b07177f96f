--liquibase formatted sql

--changeset ann:create-ward
--comment: wards of the hospital
CREATE TABLE ward (id integer PRIMARY KEY);
--rollback DROP TABLE ward;

--changeset ann:2 dbms:oracle
CREATE TABLE ward2 (id number);

--changeset bob:index-ward runInTransaction:false dbms:"postgresql,h2"
-- depends-on: ann:create-ward
CREATE INDEX CONCURRENTLY ward_id ON ward (id);
--rollback DROP INDEX CONCURRENTLY
CREATE INDEX CONCURRENTLY ward_id2 ON ward (id);
--rollback   ward_id;

--changeset bob:fill-ward splitStatements:true endDelimiter:/ labels:seed
-- kind: data
INSERT INTO ward VALUES (1)
/
INSERT INTO ward VALUES (2)
/
--rollback empty
