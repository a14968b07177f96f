-- Windows and freezes.  What follows asks of a window and a moment; the two
-- edges of what is open are told to the microsecond.
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
CREATE FUNCTION probe(windows text, VARIADIC moments text[])
    RETURNS TABLE (asked text, is_open boolean, opens_at timestamptz, closes_at timestamptz)
    LANGUAGE sql AS
$$ SELECT m, w.is_open, w.opens_at, w.closes_at
     FROM unnest(moments) WITH ORDINALITY AS t (m, n), migrate_window(windows::jsonb, m::timestamptz) AS w ORDER BY n $$;
CREATE FUNCTION recurring(days text, from_time text, until_time text, zone text) RETURNS text LANGUAGE sql AS
$$ SELECT jsonb_build_array(jsonb_build_object('days', days, 'from', from_time, 'until', until_time, 'zone', zone))::text $$;

-- Both edges: the beginning belongs to it, the end does not.
SELECT * FROM probe(recurring('daily', '09:00', '17:00', 'UTC'),
    '2027-01-06 08:59:59.999999+00', '2027-01-06 09:00:00+00',
    '2027-01-06 16:59:59.999999+00', '2027-01-06 17:00:00+00');

-- Across midnight, the weekday is that of the beginning: Friday's goes on
-- into Saturday (2027-01-09), and none begins on Saturday or Sunday.
SELECT * FROM probe(recurring('mon-fri', '18:00', '06:00', 'UTC'),
    '2027-01-08 17:59:59.999999+00', '2027-01-08 18:00+00', '2027-01-08 23:59:59.999999+00',
    '2027-01-09 00:00+00', '2027-01-09 05:59:59.999999+00', '2027-01-09 06:00+00',
    '2027-01-10 20:00+00', '2027-01-11 03:00+00', '2027-01-11 18:00+00');

-- Up to midnight, written either way, and a whole day.
SELECT * FROM probe(recurring('sat', '20:00', '24:00', 'UTC'), '2027-01-09 23:59:59.999999+00', '2027-01-10 00:00+00');
SELECT * FROM probe(recurring('sat', '20:00', '00:00', 'UTC'), '2027-01-09 23:59:59.999999+00', '2027-01-10 00:00+00');
SELECT * FROM probe(recurring('sat', '00:00', '24:00', 'UTC'), '2027-01-08 23:59:59.999999+00', '2027-01-09 00:00+00');

-- The date, and so the weekday, is that of the window's zone: in Kolkata,
-- half an hour off the full ones, Monday (2027-01-11) is half a day early.
SELECT * FROM probe(recurring('mon', '00:00', '06:00', 'Asia/Kolkata'),
    '2027-01-10 18:29:59.999999+00', '2027-01-10 18:30+00', '2027-01-11 00:29:59.999999+00', '2027-01-11 00:30+00');
SELECT * FROM probe(recurring('sun', '20:00', '23:00', 'America/New_York'),
    '2027-01-11 00:59:59.999999+00', '2027-01-11 01:00+00', '2027-01-11 04:00+00');
SELECT * FROM probe(recurring('daily', '00:00', '01:00', 'Pacific/Kiritimati'), '2027-01-10 10:00+00', '2027-01-10 11:00+00');

-- New York, spring (2027-03-14, 02:00 becomes 03:00): 02:30 does not come, and
-- is the moment of the change.  A night is an hour shorter.
SELECT * FROM probe(recurring('daily', '02:30', '04:00', 'America/New_York'),
    '2027-03-14 06:59:59.999999+00', '2027-03-14 07:00+00', '2027-03-14 08:00+00');
SELECT * FROM probe(recurring('daily', '01:00', '02:30', 'America/New_York'),
    '2027-03-14 06:00+00', '2027-03-14 06:59:59.999999+00', '2027-03-14 07:00+00');
SELECT *, closes_at - opens_at AS lasts FROM probe(recurring('sat', '18:00', '06:00', 'America/New_York'), '2027-03-14 07:00+00');
-- A window that lies wholly in the hour that is left out does not open.
SELECT * FROM probe(recurring('sun', '02:10', '02:50', 'America/New_York'), '2027-03-14 06:59+00', '2027-03-14 07:00+00');

-- Autumn (2027-11-07, 02:00 becomes 01:00): 01:30 comes twice and is meant the
-- first time, so that it opens once and closes once.
SELECT * FROM probe(recurring('daily', '01:15', '01:45', 'America/New_York'),
    '2027-11-07 05:14:59.999999+00', '2027-11-07 05:15+00', '2027-11-07 05:45+00', '2027-11-07 06:15+00', '2027-11-07 06:30+00');
SELECT *, closes_at - opens_at AS lasts FROM probe(recurring('daily', '01:30', '02:30', 'America/New_York'),
    '2027-11-07 05:30+00', '2027-11-07 07:29:59.999999+00', '2027-11-07 07:30+00');
SELECT *, closes_at - opens_at AS lasts FROM probe(recurring('sat', '18:00', '01:30', 'America/New_York'),
    '2027-11-07 05:29:59.999999+00', '2027-11-07 05:30+00');

-- Berlin changes at 01:00 UTC, on other days (2027-03-28, 2027-10-31).
SELECT *, closes_at - opens_at AS lasts FROM probe(recurring('daily', '02:00', '03:00', 'Europe/Berlin'),
    '2027-03-27 01:00+00', '2027-03-28 01:00+00', '2027-10-30 00:00+00', '2027-10-31 00:00+00',
    '2027-10-31 01:59:59.999999+00', '2027-10-31 02:00+00');

-- Lord Howe moves its clocks by half an hour: 02:00 becomes 02:30 on
-- 2027-10-03, and 02:00 becomes 01:30 on 2027-04-04.
SELECT *, closes_at - opens_at AS lasts FROM probe(recurring('daily', '02:15', '03:00', 'Australia/Lord_Howe'),
    '2027-10-02 15:29:59.999999+00', '2027-10-02 15:30+00', '2027-10-02 16:00+00');
SELECT *, closes_at - opens_at AS lasts FROM probe(recurring('daily', '01:45', '02:15', 'Australia/Lord_Howe'),
    '2027-04-03 14:44:59.999999+00', '2027-04-03 14:45+00', '2027-04-03 15:15+00', '2027-04-03 15:45+00');

-- Samoa left out a day, 2011-12-30, at the date line.
SELECT *, closes_at - opens_at AS lasts FROM probe(recurring('daily', '08:00', '10:00', 'Pacific/Apia'),
    '2011-12-29 18:00+00', '2011-12-30 09:00+00', '2011-12-30 18:00+00');

-- One-off windows, beside others; when the last is over, none opens.
SELECT * FROM probe('[{"since": "2027-01-09 22:00+01", "until": "2027-01-10 04:00+01"}]',
    '2027-01-09 20:59:59.999999+00', '2027-01-09 21:00+00', '2027-01-10 02:59:59.999999+00', '2027-01-10 03:00+00');
SELECT * FROM migrate_window('[{"since": "2027-01-09T21:00:00Z", "until": "2027-01-10 04:00:30+00:30"}]', '2027-02-01 00:00+00');
-- As jsonb has moments, too.
SELECT * FROM migrate_window(jsonb_build_array(jsonb_build_object('since', '2027-01-09 21:00:00.25+00'::timestamptz,
    'until', '2027-01-10 04:00:30.000001+00'::timestamptz)), '2027-01-09 21:00:00.25+00');
-- The next is looked for in 400 days.
SELECT is_open, opens_at, note FROM migrate_window('[{"since": "2028-02-05 00:00Z", "until": "2028-02-05 01:00Z"}]', '2027-01-01 00:00+00');
SELECT is_open, opens_at, note FROM migrate_window('[{"since": "2028-02-05 00:00Z", "until": "2028-02-05 01:00Z"}]', '2027-01-01 00:00:00.000001+00');
SELECT is_open, opens_at, note FROM migrate_window('[{"since": "2028-02-05 00:00Z", "until": "2028-02-05 01:00Z"}]', '2026-12-31 23:59:59.999999+00');

-- Windows that overlap or touch are one; what comes next is another.
SELECT asked, is_open, opens_at, closes_at FROM probe('[{"from": "22:00", "until": "02:00", "zone": "UTC"},
    {"days": "sat", "from": "02:00", "until": "05:00", "zone": "UTC"}, {"since": "2027-01-09 04:00Z", "until": "2027-01-09 06:00Z"}]',
    '2027-01-08 23:00+00', '2027-01-09 02:00+00', '2027-01-09 05:30+00', '2027-01-09 06:00+00', '2027-01-10 01:00+00');
SELECT note FROM migrate_window('[{"from": "22:00", "until": "02:00", "zone": "UTC"}, {"days": "sat", "from": "02:00", "until": "05:00", "zone": "UTC"}]', '2027-01-08 23:00+00');
-- One that is never shut has no edges, "always" neither.
SELECT * FROM migrate_window('[{"from": "00:00", "until": "24:00", "zone": "Europe/Berlin"}]', '2027-03-28 01:00+00');
SELECT * FROM migrate_window('[{"from": "00:00", "until": "12:00", "zone": "UTC"}, {"from": "12:00", "until": "00:00", "zone": "UTC"}]', '2027-01-08 23:00+00');
SELECT * FROM migrate_window('"always"', '2027-01-08 23:00+00');
-- Edges far away are told if they are there.
SELECT * FROM migrate_window('[{"since": "2020-01-01 00:00Z", "until": "2040-01-01 00:00Z"}]', '2027-01-08 23:00+00');

-- Weekdays: a list, ranges, over the week's end (2027-01-04 is a Monday).
SELECT days, string_agg(to_char(d, 'dy'), ' ' ORDER BY d) AS opens
    FROM unnest(ARRAY['mon', 'mon-wed', 'fri-mon', 'tue,thu-fri', 'sun', 'sun-sat', 'daily']) WITH ORDINALITY AS t (days, n),
         generate_series('2027-01-04 12:00+00', '2027-01-10 12:00+00', interval '1 day') AS d,
         migrate_window(recurring(days, '10:00', '14:00', 'UTC')::jsonb, d) AS w
    WHERE w.is_open GROUP BY n, days ORDER BY n;

-- Far away in time: the zones go on for ever, the calendar does not.
SELECT * FROM probe(recurring('daily', '18:00', '19:00', 'America/New_York'), '1850-06-01 23:30+00', '2500-07-01 22:30+00', '9999-12-31 23:30+00');
SELECT * FROM migrate_window('"always"', '294276-12-01 00:00+00');
SELECT * FROM migrate_window('"always"', '4713-01-01 00:00+00 BC');
SELECT * FROM migrate_window('"always"', 'infinity');
SELECT * FROM migrate_window('"always"', '-infinity');

-- Nothing of the session makes a difference: not its zone, nor its abbreviations
-- (which may even hide a zone's name), nor how it writes dates.
CREATE FUNCTION session_matters() RETURNS bigint LANGUAGE sql AS
$$ SELECT count(*) FROM generate_series(timestamptz '2027-11-07 04:00+00', '2027-11-07 08:00+00', interval '5 minutes') AS at,
       migrate_window('[{"from": "01:15", "until": "02:15", "zone": "America/New_York"},
           {"since": "2027-11-07 02:00-05:00", "until": "2027-11-07 02:30-05:00"}]', at) AS w WHERE w.is_open $$;
SELECT session_matters();
SET TimeZone = 'America/New_York';
SELECT session_matters();
SET TimeZone = 'FOO+14';
SET DateStyle = 'SQL, DMY';
SELECT session_matters();
SET DateStyle = 'ISO, YMD';
SET timezone_abbreviations = 'Australia';
SELECT session_matters();
RESET timezone_abbreviations;
-- What is told is told in the zone of whoever asks.
SET TimeZone = 'Europe/Berlin';
SELECT note FROM migrate_window(recurring('sat', '22:00', '23:00', 'UTC')::jsonb, '2027-07-01 00:00+00');
SET TimeZone = 'UTC';

-- Zones are named in full.  An abbreviation means another zone elsewhere; a
-- rule of POSIX is what any misspelt name with a number would be.
CREATE FUNCTION refusal(windows text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; code text;
BEGIN
    PERFORM * FROM migrate_window(windows::jsonb, '2027-01-01 00:00+00');
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, code = RETURNED_SQLSTATE;
    RETURN concat_ws(' ', code, message, detail);
END $$;
SELECT left(zone, 20) AS zone, left(refusal(recurring('mon', '01:00', '02:00', zone)), 120) AS refusal FROM unnest(ARRAY['EST', 'EST5EDT', 'CET', 'GMT', 'Z', 'utc',
    'america/new_york', 'America/New_Yorc', 'America/New_Yorc5', 'Foo/Bar-3', '<+05>-5', '+01', 'localtime', 'posix/Europe/Berlin',
    'right/UTC', '../../etc/passwd', '/etc/localtime', 'Etc/GMT+15', 'Etc/GMT+5', 'UTC', '', repeat('Europe/', 50) || 'Berlin']) AS zone;

-- Everything else that is no window.
SELECT left(w, 60) AS w, refusal(w) FROM unnest(ARRAY['null', '"never"', '1', '{}', '[]', '["always"]', '[[]]', '[{}]',
    '[{"from": "18:00", "until": "06:00"}]',
    '[{"from": "18:00", "zone": "UTC"}]',
    '[{"from": 18, "until": "06:00", "zone": "UTC"}]',
    '[{"from": "18:00", "until": "06:00", "zone": "UTC", "day": "mon"}]',
    '[{"from": "18:00", "until": "06:00", "zone": "UTC", "days": ["mon"]}]',
    '[{"from": "18:00", "until": "06:00", "zone": "UTC", "days": "monday"}]',
    '[{"from": "18:00", "until": "06:00", "zone": "UTC", "days": "Mon"}]',
    '[{"from": "18:00", "until": "06:00", "zone": "UTC", "days": "mon,"}]',
    '[{"from": "18:00", "until": "06:00", "zone": "UTC", "days": ""}]',
    '[{"from": "18:00", "until": "06:00", "zone": "UTC", "days": null}]',
    '[{"from": "6pm", "until": "06:00", "zone": "UTC"}]',
    '[{"from": "24:00", "until": "06:00", "zone": "UTC"}]',
    '[{"from": "18:60", "until": "06:00", "zone": "UTC"}]',
    '[{"from": "18:00", "until": "24:01", "zone": "UTC"}]',
    '[{"from": "18:00 ", "until": "06:00", "zone": "UTC"}]',
    '[{"from": "18:00", "until": "18:00", "zone": "UTC"}]',
    '[{"since": "2027-01-09 22:00", "until": "2027-01-10 04:00"}]',
    '[{"since": "2027-01-09 22:00 CET", "until": "2027-01-10 04:00 CET"}]',
    '[{"since": "2027-02-29 22:00Z", "until": "2027-03-10 04:00Z"}]',
    '[{"since": "09/01/2027 22:00Z", "until": "2027-03-10 04:00Z"}]',
    '[{"since": "now", "until": "infinity"}]',
    '[{"since": "2027-01-09 22:00Z"}]',
    '[{"since": "2027-01-09 22:00Z", "until": "2027-01-09 23:00+01"}]',
    '[{"since": "2027-01-09 22:00Z", "until": "2027-01-10 04:00Z", "zone": "UTC"}]',
    '[{"since": "2027-01-09 22:00Z", "until": "2027-01-10 04:00Z"}, {"from": "18:00", "until": "06:00", "zone": "EST"}]',
    '[{"since": "2027-01-09 22:00+16", "until": "2027-01-10 04:00Z"}]',
    '[{"since": "2027-01-09 22:00:00.Z", "until": "2027-01-10 04:00Z"}]']) AS w;
SELECT refusal((SELECT jsonb_agg(jsonb '{"from": "18:00", "until": "06:00", "zone": "UTC"}') FROM generate_series(1, 101))::text);
SELECT * FROM migrate_window(NULL);
SELECT * FROM migrate_window('[{"from": "18:00", "until": "06:00", "zone": "EST"}]');

-- Freezes over windows.  An approver orders them; only who holds any
-- capability sees them.
CREATE ROLE regress_window_approver LOGIN;
CREATE ROLE regress_window_operator LOGIN;
CREATE ROLE regress_window_nobody LOGIN;
SELECT migrate_grant('approver', 'regress_window_approver');
SELECT migrate_grant('operator', 'regress_window_operator');
SELECT current_user AS superuser \gset
\c - regress_window_nobody
SELECT * FROM hipaa_migrate.freeze_list;
SELECT * FROM migrate_window('"always"');
SELECT * FROM hipaa_migrate.freeze_period;
\c - regress_window_operator
SELECT migrate_freeze(NULL, reason => 'not mine to say');
SELECT migrate_freeze_end(1, 'not mine to say');
SELECT count(*) FROM hipaa_migrate.freeze_list WHERE created_by ~ '^regress_window';
\c - regress_window_approver
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
-- (A Friday to Saturday night, 2190-01-01.)
SELECT migrate_freeze('2190-01-02 01:00+00', '2190-01-02 02:00+00', 'month end') AS first \gset
SELECT migrate_freeze('2190-01-02 01:30+00', '2190-01-02 03:00+00', 'backup') AS second \gset
SELECT migrate_freeze('2190-01-08 00:00+00', '2190-01-09 02:00+00', 'audit') AS third \gset

-- What is open is the part that freezes leave; their edges are as those of
-- windows: the beginning belongs to it, the end does not.
SELECT * FROM probe(recurring('fri', '22:00', '06:00', 'UTC'),
    '2190-01-01 21:00+00', '2190-01-01 22:00+00', '2190-01-02 00:59:59.999999+00', '2190-01-02 01:00+00', '2190-01-02 01:45+00',
    '2190-01-02 02:59:59.999999+00', '2190-01-02 03:00+00', '2190-01-02 06:00+00', '2190-01-09 02:00+00');
SELECT regexp_replace(note, 'freeze \d+', 'freeze N') AS note FROM
    unnest(ARRAY['2190-01-02 00:00+00', '2190-01-02 01:15+00', '2190-01-02 01:45+00', '2190-01-02 03:00+00', '2190-01-08 12:00+00']) AS at,
    migrate_window(recurring('fri', '22:00', '06:00', 'UTC')::jsonb, at::timestamptz);
SELECT * FROM probe('"always"', '2190-01-02 00:00+00', '2190-01-02 01:00+00', '2190-01-05 00:00+00');
-- A freeze with an open end leaves nothing.
SELECT migrate_freeze('2190-02-01 00:00+00', reason => 'nothing goes until the move') AS fourth \gset
SELECT * FROM probe('"always"', '2190-01-31 23:59:59.999999+00', '2190-02-01 00:00+00');
SELECT regexp_replace(note, 'freeze \d+', 'freeze N') AS note FROM migrate_window(recurring('fri', '22:00', '06:00', 'UTC')::jsonb, '2190-02-02 00:00+00');

-- What is no freeze.
SELECT migrate_freeze(now() - interval '1 hour', NULL, 'backdated');
SELECT migrate_freeze('-infinity', NULL, 'backdated');
SELECT migrate_freeze('infinity', NULL, 'never');
SELECT migrate_freeze('2190-01-02 01:00+00', '2190-01-02 01:00+00', 'empty');
SELECT migrate_freeze(NULL, now() - interval '1 hour', 'over');
SELECT migrate_freeze(NULL);
SELECT migrate_freeze(NULL, NULL, ' ');

-- One from now on, ended by somebody; an ended one, and one that does not
-- exist, cannot be ended.
SELECT migrate_freeze(now(), 'infinity', 'incident') AS fifth \gset
SELECT is_open, opens_at, closes_at FROM migrate_window('"always"');
\c - :superuser
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SELECT state FROM hipaa_migrate.freeze_list WHERE freeze_id = :fifth;
SELECT migrate_freeze_end(:fifth, ' ');
SELECT migrate_freeze_end(NULL, 'over');
SELECT migrate_freeze_end(:fifth, 'incident is over') IS NULL AS done;
SELECT is_open FROM migrate_window('"always"');
\set VERBOSITY sqlstate
SELECT migrate_freeze_end(:fifth, 'again');
SELECT migrate_freeze_end(0, 'there is none');
\set VERBOSITY default
SELECT migrate_freeze_end(:third, 'the auditors come later') IS NULL AS done;
SELECT * FROM probe(recurring('fri', '22:00', '06:00', 'UTC'), '2190-01-08 22:00+00');
SELECT state, created_by, reason, ended_by = :'superuser' AS by_superuser, end_reason FROM hipaa_migrate.freeze_list WHERE freeze_id >= :first;
SELECT DISTINCT freeze_id >= :first AS here, since < created_at AS backdated, ended_at >= created_at AS ended_after
    FROM hipaa_migrate.freeze_list WHERE freeze_id = :fifth;
-- One whose end has come is over, and not ended.
SELECT migrate_freeze(NULL, clock_timestamp() + interval '1 second', 'short') AS sixth \gset
SELECT pg_sleep(1.1);
SELECT state FROM hipaa_migrate.freeze_list WHERE freeze_id = :sixth;
\set VERBOSITY sqlstate
SELECT migrate_freeze_end(:sixth, 'too late');
\set VERBOSITY default

-- Ordering and ending are on record; rows are not changed by hand.
SELECT event, CASE actor WHEN :'superuser' THEN 'superuser' ELSE actor END AS actor, reason, details::jsonb - 'freeze_id' AS details
    FROM hipaa_migrate.audit_log
    WHERE event LIKE 'freeze.%' AND (details::jsonb->>'freeze_id')::bigint IN (:first, :third, :fourth) ORDER BY event_id;
DELETE FROM hipaa_migrate.freeze_period;
SELECT migrate_freeze_end(:first, 'tidy'), migrate_freeze_end(:second, 'tidy'), migrate_freeze_end(:fourth, 'tidy');
SELECT count(*) FROM hipaa_migrate.freeze_list WHERE state IN ('active', 'to come');

SELECT migrate_revoke('approver', 'regress_window_approver');
SELECT migrate_revoke('operator', 'regress_window_operator');
DROP ROLE regress_window_approver;
DROP ROLE regress_window_operator;
DROP ROLE regress_window_nobody;
DROP FUNCTION probe, recurring, refusal, session_matters;
