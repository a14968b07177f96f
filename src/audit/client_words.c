/*
 * src/audit/client_words.c
 *	  Which functions of ours the statements of the client call.
 *
 * The server analyzes the client's statement from the very text that
 * debug_query_string points to; functions, and all that runs inside, have
 * texts of their own.  A statement that is prepared by the protocol is
 * analyzed before others are executed, so calls are kept by the hash of the
 * text until it is analyzed anew, by whomever: an EXECUTE inside a function,
 * or a Describe, may have given the text of a prepared statement another
 * meaning.
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
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#define MAX_CALLS 64
#define MAX_HEAD 64

typedef struct Call
{
	uint64		head;
	uint64		statement;
	Oid			function;
} Call;

/* Those of no function are free; where none is, they go in turn. */
static Call calls[MAX_CALLS];
static int	next_call = 0;
static bool any_call = false;

/* What the client has sent is hashed once, however many statements it has. */
static const char *hashed_text = NULL;
static uint64 hashed;

static uint64
hash_text(const char *text, size_t length)
{
	return hash_bytes_extended((const unsigned char *) text, length, 0);
}

/* All texts can be told apart by all of it, most by the beginning. */
static uint64
hash_head(const char *text)
{
	return hash_text(text, strnlen(text, MAX_HEAD));
}

static void
forget_hash(void *argument)
{
	hashed_text = NULL;
}

/* No text of the client lives longer than the context of its message. */
static void
remember_hash(const char *text)
{
	static MemoryContextCallback message_end = {.func = forget_hash};

	if (MessageContext == NULL)
		return;
	if (hashed_text == NULL)
		MemoryContextRegisterResetCallback(MessageContext, &message_end);
	hashed_text = text;
}

static uint64
hash_statement(const char *text)
{
	uint64		hash;

	if (text == hashed_text)
		return hashed;
	hash = hash_text(text, strlen(text));
	if (text == debug_query_string)
	{
		remember_hash(text);
		hashed = hash;
	}
	return hash;
}

static bool
is_call_of(const Call *call, const char *text, uint64 head)
{
	return OidIsValid(call->function) && call->head == head &&
		call->statement == hash_statement(text);
}

static void
forget_statement(const char *text)
{
	uint64		head = hash_head(text);

	for (int i = 0; i < MAX_CALLS; i++)
	{
		if (is_call_of(&calls[i], text, head))
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
		is_in_extension(function);
}

/* The same call again, else a free place, else the next in turn. */
static Call *
place_for(uint64 statement, Oid function)
{
	Call	   *place = NULL;

	for (int i = 0; i < MAX_CALLS; i++)
	{
		if (calls[i].function == function && calls[i].statement == statement)
			return &calls[i];
		if (place == NULL && !OidIsValid(calls[i].function))
			place = &calls[i];
	}
	if (place == NULL)
	{
		place = &calls[next_call];
		next_call = (next_call + 1) % MAX_CALLS;
	}
	return place;
}

static void
note_call(const char *text, Oid function)
{
	uint64		statement = hash_statement(text);
	Call	   *call = place_for(statement, function);

	call->head = hash_head(text);
	call->statement = statement;
	call->function = function;
	any_call = true;
}

static bool
note_calls(Node *node, void *text)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, note_calls, text,
								 QTW_IGNORE_JOINALIASES);
	if (IsA(node, FuncExpr) && is_ours(((FuncExpr *) node)->funcid))
		note_call(text, ((FuncExpr *) node)->funcid);
	return expression_tree_walker(node, note_calls, text);
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
	const char *text = pstate->p_sourcetext;
	Node	   *within = query_within(query);

	if (text == NULL)
		return;
	if (any_call)
		forget_statement(text);
	if (text == debug_query_string && within != NULL &&
		OidIsValid(hm_relations_extension()))
		(void) note_calls(within, unconstify(char *, text));
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
	uint64		head;

	if (debug_query_string == NULL || !any_call)
		return false;
	head = hash_head(debug_query_string);
	for (int i = 0; i < MAX_CALLS; i++)
	{
		if (is_call_of(&calls[i], debug_query_string, head) &&
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
