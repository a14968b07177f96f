/*
 * src/audit/client_words.c
 *	  Which functions of ours the statements of the client call.
 *
 * The server analyzes the client's statement from the very text that
 * debug_query_string points to; functions, and all that runs inside, have
 * texts of their own.  A statement that is prepared by the protocol is
 * analyzed before others are executed, so calls are kept by the hash of the
 * text until it is analyzed anew.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "audit/client_words.h"
#include "audit/relations.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "common/hashfn.h"
#include "nodes/nodeFuncs.h"
#include "tcop/tcopprot.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#define MAX_CALLS 64

typedef struct Call
{
	uint64		statement;
	Oid			function;
} Call;

/* A ring: the oldest goes first. */
static Call calls[MAX_CALLS];
static int	next_call = 0;
static bool any_call = false;

static uint64
hash_statement(void)
{
	return hash_bytes_extended((const unsigned char *) debug_query_string,
							   strlen(debug_query_string), 0);
}

static void
forget_statement(void)
{
	uint64		statement = hash_statement();

	for (int i = 0; i < MAX_CALLS; i++)
	{
		if (calls[i].statement == statement)
			calls[i].function = InvalidOid;
	}
}

static bool
is_in_extension(Oid function)
{
	return getExtensionOfObject(ProcedureRelationId, function) ==
		hm_relations_extension();
}

/* By its name first: that costs next to nothing.  What only reads is none. */
static bool
is_ours(Oid function)
{
	char	   *name;

	if (function < FirstNormalObjectId)
		return false;
	name = get_func_name(function);
	return name != NULL &&
		(strncmp(name, "migrate_", 8) == 0 || strncmp(name, "audit_", 6) == 0) &&
		func_volatile(function) == PROVOLATILE_VOLATILE &&
		OidIsValid(hm_relations_extension()) && is_in_extension(function);
}

static void
note_call(Oid function)
{
	calls[next_call].statement = hash_statement();
	calls[next_call].function = function;
	next_call = (next_call + 1) % MAX_CALLS;
	any_call = true;
}

static bool
note_calls(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, note_calls, context, 0);
	if (IsA(node, FuncExpr) && is_ours(((FuncExpr *) node)->funcid))
		note_call(((FuncExpr *) node)->funcid);
	return expression_tree_walker(node, note_calls, context);
}

/* COPY has its query analyzed by itself, from the same text. */
static Node *
query_within(const Query *query)
{
	Node	   *command = query->utilityStmt;

	if (command == NULL)
		return (Node *) query;
	if (IsA(command, CreateTableAsStmt))
		return ((CreateTableAsStmt *) command)->query;
	return IsA(command, ExplainStmt) ? ((ExplainStmt *) command)->query : NULL;
}

void
hm_client_words_note(const ParseState *pstate, const Query *query)
{
	if (debug_query_string == NULL ||
		pstate->p_sourcetext != debug_query_string)
		return;
	if (any_call)
		forget_statement();
	(void) note_calls(query_within(query), NULL);
}

/* The one of ours that calls others is as good as they. */
static bool
stands_for(const char *name, const char *wanted)
{
	if (strcmp(name, "migrate_adopt_folder") == 0)
		return strcmp(wanted, "migrate_adopt") == 0 ||
			strcmp(wanted, "migrate_load") == 0;
	return strcmp(name, wanted) == 0;
}

static bool
is_called(Oid function, const char *wanted)
{
	char	   *name = OidIsValid(function) ? get_func_name(function) : NULL;

	return name != NULL && stands_for(name, wanted);
}

bool
hm_client_words_call(const char *function)
{
	uint64		statement;

	if (debug_query_string == NULL || !any_call)
		return false;
	statement = hash_statement();
	for (int i = 0; i < MAX_CALLS; i++)
	{
		if (calls[i].statement == statement &&
			is_called(calls[i].function, function))
			return true;
	}
	return false;
}

char *
hm_client_words_other(const char *function)
{
	List	   *path = fetch_search_path(false);
	CatCList   *named = SearchSysCacheList1(PROCNAMEARGSNSP,
											CStringGetDatum(function));
	char	   *other = NULL;

	for (int i = 0; i < named->n_members && other == NULL; i++)
	{
		Form_pg_proc proc = (Form_pg_proc) GETSTRUCT(&named->members[i]->tuple);

		if (list_member_oid(path, proc->pronamespace) &&
			!is_in_extension(proc->oid))
			other = format_procedure_qualified(proc->oid);
	}
	ReleaseSysCacheList(named);
	return other;
}
