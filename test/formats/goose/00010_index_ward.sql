-- +goose NO TRANSACTION
-- kind: schema
-- +goose Up
CREATE INDEX CONCURRENTLY ward_id ON ward (id);
