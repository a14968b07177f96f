/*
 * src/base/settings.h
 *	  The settings hipaa_migrate.*, as the rest of the library reads them.
 */
#ifndef HM_BASE_SETTINGS_H
#define HM_BASE_SETTINGS_H

typedef enum HmNameRule
{
	HM_NAME_STRICT,				/* 14 digits, a dash, lower-case words */
	HM_NAME_RELAXED				/* whatever an adopted project used */
} HmNameRule;

typedef enum HmRecordLiterals
{
	HM_LITERALS_HASH,			/* what may be data is replaced */
	HM_LITERALS_KEEP			/* only secrets are */
} HmRecordLiterals;

/* What is asked of statements that have a guarded form. */
typedef enum HmIdempotency
{
	HM_IDEMPOTENCY_OFF,			/* nothing */
	HM_IDEMPOTENCY_REWRITE,		/* it is given to them at registration */
	HM_IDEMPOTENCY_REQUIRE		/* that they use it, or they do not run */
} HmIdempotency;

extern int	hm_setting_runner_wait; /* ms, 0: do not wait */
extern int	hm_setting_lock_timeout;	/* ms, 0: none */
extern int	hm_setting_statement_timeout;	/* ms, 0: none */
extern int	hm_setting_idle_timeout;	/* ms, 0: none */
extern int	hm_setting_name_rule;
extern int	hm_setting_idempotency;
extern int	hm_setting_record_literals;
extern char *hm_setting_search_path;
extern char *hm_setting_audit_retention;	/* an interval; may fall short */

#define HM_LEAST_RETENTION_MONTHS	(7 * 12)

extern int	hm_setting_clock_step_limit;	/* s */
extern char *hm_setting_digest_command;
extern int	hm_setting_digest_timeout;	/* ms, 0: none */

extern bool hm_setting_guard_override;
extern int	hm_setting_revert_period;	/* s, 0: none */

/* What the linter takes tables for. */
extern int	hm_setting_small_table; /* rows: fewer are few */
extern int	hm_setting_large_table; /* rows: as many are many */
extern int	hm_setting_busy_table;	/* accesses a second */
extern int	hm_setting_large_change;	/* rows that a statement changes */

/* Processes of the record. */
extern int	hm_setting_record_wait; /* ms, 0: do not wait */
extern int	hm_setting_ring_slots;
extern int	hm_setting_max_databases;
extern int	hm_setting_max_workers;
extern int	hm_setting_worker_linger;	/* ms */
extern int	hm_setting_seal_interval;	/* ms */

extern void hm_base_init(void);

#endif							/* HM_BASE_SETTINGS_H */
