DROP TABLE lonely;
