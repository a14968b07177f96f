-- +goose Up
CREATE TABLE ward (id integer PRIMARY KEY);

-- +goose Down
DROP TABLE ward;
