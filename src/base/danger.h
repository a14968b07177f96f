/*
 * src/base/danger.h
 *	  What leads round the guard, or round the server's own rules: settings,
 *	  predefined roles, functions and languages of class danger.
 *
 * The functions lock nothing and raise nothing for what does not exist.
 * Those that take an Oid or a language need a transaction.
 */
#ifndef HM_BASE_DANGER_H
#define HM_BASE_DANGER_H

/* Whether a session may not set it: SET, set_config(), SET of a function. */
extern bool hm_danger_setting(const char *name);

/*
 * Whether its value may not be stored, nor the right to do so be given: ALTER
 * SYSTEM, ALTER ROLE and ALTER DATABASE ... SET, GRANT ... ON PARAMETER.
 * Whatever hm_danger_setting() knows is among them.
 */
extern bool hm_danger_system_setting(const char *name);

/*
 * Whether members of the role reach the server's files or programs: the
 * predefined roles, those that belong to them, and superusers.
 */
extern bool hm_danger_role(Oid role);

/* What a function does, also under another name than the one it came with. */
typedef enum HmFunctionDanger
{
	HM_FUNCTION_HARMLESS,
	HM_FUNCTION_FILE,			/* reads or writes files of the server */
	HM_FUNCTION_STATISTICS		/* writes what the planner believes of a table */
} HmFunctionDanger;

extern HmFunctionDanger hm_danger_function(Oid function);

/* Whether functions in it are not confined: C, internal, plperlu, ... */
extern bool hm_danger_language(const char *name);

#endif							/* HM_BASE_DANGER_H */
