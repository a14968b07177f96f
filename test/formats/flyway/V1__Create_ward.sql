CREATE TABLE ward (id integer PRIMARY KEY, price text DEFAULT '$5', note jsonb DEFAULT $${"a": 1}$$);
