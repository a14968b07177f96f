/*
 * src/lint/forbidden.c
 *	  What no migration may do, whoever has approved it.
 */
#include "postgres.h"

#include "base/danger.h"
#include "base/errors.h"
#include "base/named.h"
#include "lint/forbidden.h"
#include "lint/tree.h"
#include "nodes/value.h"

#define OUR_NAME "hipaa_migrate"

static bool
is_ours(const char *name)
{
	return name != NULL && strcmp(name, OUR_NAME) == 0;
}

/* Event triggers. */

static bool
is_event_trigger(Node *statement, char **name)
{
	DropStmt   *drop = (DropStmt *) statement;

	switch (nodeTag(statement))
	{
		case T_CreateEventTrigStmt:
			*name = ((CreateEventTrigStmt *) statement)->trigname;
			return true;
		case T_AlterEventTrigStmt:
			*name = ((AlterEventTrigStmt *) statement)->trigname;
			return true;
		case T_DropStmt:
			if (drop->removeType != OBJECT_EVENT_TRIGGER)
				return false;
			*name = strVal(linitial(drop->objects));
			return true;
		case T_RenameStmt:
			if (((RenameStmt *) statement)->renameType != OBJECT_EVENT_TRIGGER)
				return false;
			*name = strVal(((RenameStmt *) statement)->object);
			return true;
		case T_AlterOwnerStmt:
			if (((AlterOwnerStmt *) statement)->objectType !=
				OBJECT_EVENT_TRIGGER)
				return false;
			*name = strVal(((AlterOwnerStmt *) statement)->object);
			return true;
		default:
			return false;
	}
}

/* Settings. */

static bool
sets(const VariableSetStmt *statement, bool stored, char **name)
{
	*name = statement->name;
	if (statement->name == NULL)
	{
		*name = "all settings";
		return stored && statement->kind == VAR_RESET_ALL;
	}
	return stored ? hm_danger_system_setting(statement->name) :
		hm_danger_setting(statement->name);
}

/* The SET clauses of a function. */
static bool
has_set(List *options, char **name)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "set") == 0 && option->arg != NULL &&
			sets(castNode(VariableSetStmt, option->arg), false, name))
			return true;
	}
	return false;
}

static bool
grants_setting(const GrantStmt *statement, char **name)
{
	ListCell   *cell;

	foreach(cell, statement->objtype == OBJECT_PARAMETER_ACL ?
			statement->objects : NIL)
	{
		*name = strVal(lfirst(cell));
		if (hm_danger_system_setting(*name))
			return true;
	}
	return false;
}

/* set_config('name', ...) with a constant name. */
static bool
calls_set_config(Node *query, char **name)
{
	ListCell   *cell;

	foreach(cell, hm_tree_calls(query))
	{
		FuncCall   *call = lfirst(cell);
		const char *setting;

		if (call->args == NIL ||
			strcmp(strVal(llast(call->funcname)), "set_config") != 0)
			continue;
		setting = hm_tree_string(linitial(call->args));
		if (setting && hm_danger_setting(setting))
		{
			*name = pstrdup(setting);
			return true;
		}
	}
	return false;
}

static bool
is_setting(Node *statement, bool suspicion, char **name)
{
	switch (nodeTag(statement))
	{
		case T_VariableSetStmt:
			return sets((VariableSetStmt *) statement, false, name);
		case T_AlterSystemStmt:
			return sets(((AlterSystemStmt *) statement)->setstmt, true, name);
		case T_AlterRoleSetStmt:
			return sets(((AlterRoleSetStmt *) statement)->setstmt, true,
						name);
		case T_AlterDatabaseSetStmt:
			return sets(((AlterDatabaseSetStmt *) statement)->setstmt, true,
						name);
		case T_CreateFunctionStmt:
			return has_set(((CreateFunctionStmt *) statement)->options, name);
		case T_AlterFunctionStmt:
			return has_set(((AlterFunctionStmt *) statement)->actions, name);
		case T_GrantStmt:
			return grants_setting((GrantStmt *) statement, name);
		case T_SelectStmt:
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
		case T_MergeStmt:
			return suspicion && calls_set_config(statement, name);
		default:
			return false;
	}
}

/* The extension. */

static bool
drops_us(const DropStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->removeType == OBJECT_EXTENSION ?
			statement->objects : NIL)
	{
		if (is_ours(strVal(lfirst(cell))))
			return true;
	}
	return false;
}

static bool
moves_us(const AlterObjectSchemaStmt *statement)
{
	return statement->objectType == OBJECT_EXTENSION &&
		is_ours(strVal(statement->object));
}

/* What it makes, changes or drops is in our schema, or is that. */
static bool
names_ours(Node *statement)
{
	RangeVar   *written = hm_tree_written(statement);
	ListCell   *cell;

	if (written != NULL)
		return is_ours(written->schemaname);
	if (IsA(statement, SelectStmt))
		return false;
	foreach(cell, hm_named_by(statement))
	{
		const HmNamed *named = lfirst(cell);

		if (is_ours(named->schema_name) ||
			(named->kind == OBJECT_SCHEMA && is_ours(named->name)))
			return true;
	}
	return false;
}

static bool
is_extension(Node *statement, char **name)
{
	*name = OUR_NAME;
	switch (nodeTag(statement))
	{
		case T_AlterExtensionStmt:
			return is_ours(((AlterExtensionStmt *) statement)->extname);
		case T_AlterExtensionContentsStmt:
			return is_ours(((AlterExtensionContentsStmt *) statement)->extname);
		case T_DropStmt:
			return drops_us((DropStmt *) statement) || names_ours(statement);
		case T_AlterObjectSchemaStmt:
			return moves_us((AlterObjectSchemaStmt *) statement) ||
				names_ours(statement);
		case T_CreateExtensionStmt:
			return false;		/* it is there already */
		default:
			return names_ours(statement);
	}
}

#define MAX_WORD 127			/* a longer one is none that we look for */

static bool
is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '.';
}

/*
 * Whether there is such a word in so much of the text: wanted() sees it in
 * lower case, and what stands behind it.
 */
static bool
has_word(const char *text, int count,
		 bool (*wanted) (const char *word, char behind))
{
	const char *end = text + count;
	char		word[MAX_WORD + 1];
	int			length = 0;

	for (;; text++)
	{
		char		c = text < end ? *text : '\0';

		if (is_word_character(c))
		{
			if (length < MAX_WORD)
				word[length++] = pg_ascii_tolower((unsigned char) c);
			continue;
		}
		word[length] = '\0';
		if (length > 0 && wanted(word, c))
			return true;
		length = 0;
		if (c == '\0')
			return false;
	}
}

static bool
begins_as_ours(const char *word)
{
	return strncmp(word, OUR_NAME, strlen(OUR_NAME)) == 0;
}

/* U&"..." may spell anything. */
static bool
arouses_suspicion(const char *word, char behind)
{
	return begins_as_ours(word) || strcmp(word, "set_config") == 0 ||
		strcmp(word, "pg_catalog.set_config") == 0 ||
		(behind == '&' && strcmp(word, "u") == 0);
}

/* All guarded settings have one of these signs. */
static bool
may_be_forbidden(const char *word, char behind)
{
	return strcmp(word, "event") == 0 ||
		arouses_suspicion(word, behind) ||
		(strpbrk(word, "_.") != NULL && hm_danger_system_setting(word));
}

bool
hm_forbidden_suspicion(const char *text, int length)
{
	return has_word(text, length, arouses_suspicion);
}

bool
hm_forbidden_named(const char *text)
{
	return has_word(text, strlen(text), may_be_forbidden);
}

HmForbidden
hm_forbidden_in(Node *statement, bool suspicion, char **name)
{
	if (is_event_trigger(statement, name))
		return HM_FORBIDDEN_EVENT_TRIGGER;
	if (is_setting(statement, suspicion, name))
		return HM_FORBIDDEN_SETTING;
	if (suspicion && is_extension(statement, name))
		return HM_FORBIDDEN_EXTENSION;
	return HM_FORBIDDEN_NOT;
}

void
hm_forbidden_refuse(HmForbidden what, const char *name)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_FORBIDDEN),
			 what == HM_FORBIDDEN_SETTING ?
			 errmsg("cannot change guarded setting \"%s\" in a migration",
					name) :
			 what == HM_FORBIDDEN_EXTENSION ?
			 errmsg("cannot change extension \"%s\" in a migration", name) :
			 errmsg("cannot change event trigger \"%s\" in a migration",
					name),
			 errdetail("It could switch off what judges and records migrations, so that it is refused whoever has approved it."),
			 errhint("Do it by hand, outside of a migration; where the guard is armed, with SELECT * FROM migrate_break_glass('reason', ticket => 'ticket'); before.")));
}
