--
-- guard_danger: what leads round the guard or the server's own rules.
--
SELECT * FROM hipaa_migrate.guarded_setting ORDER BY setting COLLATE "C";

-- Whatever runs a command, loads code, or names a file or a folder is in the
-- list, or is here with a reason.  A later server's new setting shows up too.
SELECT name, short_desc FROM pg_settings
 WHERE vartype = 'string' AND context <> 'internal' AND name !~ '^(hipaa_migrate|plpgsql)\.'
   AND (name ~ '(command|file|dir|path|librar|provider)' OR category ~ 'File Locations|Preloading')
   AND NOT EXISTS (SELECT FROM hipaa_migrate.guarded_setting AS g WHERE g.setting = name)
   AND name NOT IN (
        'debug_io_direct',      -- which files are read without a cache
        'search_path')          -- schemas
 ORDER BY name COLLATE "C";

-- Everybody may read the list.
SET ROLE pg_monitor;
SELECT count(*) > 40 AS readable FROM hipaa_migrate.guarded_setting;
RESET ROLE;
