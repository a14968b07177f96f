-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION ward_of(bed integer) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    RETURN bed / 10;
END;
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DROP FUNCTION ward_of(integer);
-- +goose StatementEnd
