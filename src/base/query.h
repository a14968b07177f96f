/*
 * src/base/query.h
 *	  SQL on our own tables: as the owner of schema hipaa_migrate, under a
 *	  search path that only holds pg_catalog, whoever is calling.
 *
 *		HmBracket	bracket;
 *
 *		hm_query_begin(&bracket);
 *		hm_query_run(&statement, values, nulls, read_only);
 *		... SPI_tuptable, hm_query_*() ...
 *		hm_query_end(&bracket);
 *
 * Brackets nest.  Nothing may run inside one that is not ours: no text of a
 * migration, no function of a user.  An error inside needs no clean-up, the
 * aborting transaction puts user, settings and SPI back.  Results live until
 * hm_query_end(); what must outlive it is copied by the caller.
 */
#ifndef HM_BASE_QUERY_H
#define HM_BASE_QUERY_H

#include "executor/spi.h"

typedef struct HmBracket
{
	MemoryContext caller_context;	/* current when the bracket was opened */
	Oid			caller;
	int			caller_sec_context;
	int			guc_level;
} HmBracket;

#define HM_STATEMENT_MAX_ARGS 32

/*
 * A statement whose plan is kept for the life of the backend.  Declare it
 * static; plan is the only field that changes.
 */
typedef struct HmStatement
{
	const char *sql;
	int			nargs;
	Oid			types[HM_STATEMENT_MAX_ARGS];
	SPIPlanPtr	plan;
} HmStatement;

/*
 * A bit of the security context that the server does not use.  It says that
 * what runs is our own code, which may write our tables; calls inherit it,
 * and the server takes it back when the transaction aborts.
 */
#define HM_SECURITY_OWN_CODE 0x4000

/* The current memory context is SPI's from begin to end. */
extern void hm_query_begin(HmBracket *bracket);
extern void hm_query_end(HmBracket *bracket);

/* Whether what runs has that bit. */
extern bool hm_own_code(void);

/* current_user outside of all brackets. */
extern Oid	hm_query_caller(void);

/*
 * Runs a statement, returns the number of rows, which are in SPI_tuptable.
 * nulls as for SPI_execute_plan(), or NULL.  read_only as there: true for a
 * statement that may run on a standby and shall see the caller's snapshot.
 * Leaves SPI's memory context current.
 */
extern uint64 hm_query_run(HmStatement *statement, Datum *values,
						   const char *nulls, bool read_only);

/* The same, but by that snapshot, if it is valid, whatever read_only says. */
extern uint64 hm_query_run_at(HmStatement *statement, Datum *values,
							  const char *nulls, Snapshot snapshot,
							  bool read_only);

/* Columns of the result, from 1; NULL, 0 and false stand for a null value. */
extern Datum hm_query_datum(uint64 row, int column, bool *isnull);
extern char *hm_query_text(uint64 row, int column);
extern int64 hm_query_int64(uint64 row, int column);
extern int32 hm_query_int32(uint64 row, int column);
extern Oid	hm_query_oid(uint64 row, int column);
extern bool hm_query_bool(uint64 row, int column);

/* All rows of the result, column by column, to that of a SQL function. */
extern void hm_query_put_rows(ReturnSetInfo *result);

/*
 * What a statement reads is all that the SQL function returns: for views.  The
 * caller has asked whether it may be read.
 */
extern Datum hm_query_show(FunctionCallInfo fcinfo, HmStatement *statement,
						   Datum *values);

/*
 * In a statement, as bigint: the transaction, and the database that it is in.
 */
#define HM_QUERY_XID \
	"pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8"
#define HM_QUERY_DATABASE \
	"(SELECT d.oid::pg_catalog.int8 FROM pg_catalog.pg_database AS d" \
	" WHERE d.datname = pg_catalog.current_database())"

/* For values[] and nulls[]: a text, or null when the string is NULL. */
extern Datum hm_query_text_arg(const char *string, char *null);

/* For values[] of type INT8ARRAYOID. */
extern Datum hm_query_int64_array(const int64 *numbers, int count);

#endif							/* HM_BASE_QUERY_H */
