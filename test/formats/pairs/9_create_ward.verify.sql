SELECT id FROM ward WHERE false;
