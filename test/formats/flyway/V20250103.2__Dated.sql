CREATE TABLE dated (id integer);
