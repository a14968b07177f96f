/*
 * src/lint/rules_security.c
 *	  Who may do what.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/compat.h"
#include "base/danger.h"
#include "base/option.h"
#include "base/resolve.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "lint/lint.h"
#include "lint/tree.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* Grants. */

/* ALTER DEFAULT PRIVILEGES has one inside. */
static GrantStmt *
grant_of(Node *node)
{
	if (IsA(node, AlterDefaultPrivilegesStmt))
		return ((AlterDefaultPrivilegesStmt *) node)->action;
	return castNode(GrantStmt, node);
}

/* The objects, as far as they have a name that can be shown. */
static char *
shown_objects(const GrantStmt *statement)
{
	Node	   *first;

	if (statement->targtype == ACL_TARGET_DEFAULTS)
		return "what is created later";
	if (statement->objects == NIL)
		return NULL;
	first = linitial(statement->objects);
	if (IsA(first, RangeVar))
		return quote_qualified_identifier(((RangeVar *) first)->schemaname,
										  ((RangeVar *) first)->relname);
	if (IsA(first, ObjectWithArgs))
		return hm_tree_dotted(((ObjectWithArgs *) first)->objname);
	if (IsA(first, String))
		return pstrdup(quote_identifier(strVal(first)));
	return IsA(first, List) ? hm_tree_dotted((List *) first) : NULL;
}

/* Nobody else will ever see it. */
static bool
is_temporary(HmLint *lint, const GrantStmt *statement)
{
	Node	   *first = statement->objects ? linitial(statement->objects) : NULL;

	return first && IsA(first, RangeVar) &&
		hm_world_relation(lint->world, (RangeVar *) first)->temporary;
}

static void
report_grant(HmLint *lint, const GrantStmt *statement)
{
	HmCase		found = {.table = shown_objects(statement)};

	if (!is_temporary(lint, statement))
		hm_lint_report(lint, &found);
}

static void
check_public(HmLint *lint, Node *node)
{
	GrantStmt  *statement = grant_of(node);
	ListCell   *cell;

	foreach(cell, statement->is_grant ? statement->grantees : NIL)
	{
		if (lfirst_node(RoleSpec, cell)->roletype == ROLESPEC_PUBLIC)
		{
			report_grant(lint, statement);
			return;
		}
	}
}

static void
check_all(HmLint *lint, Node *node)
{
	GrantStmt  *statement = grant_of(node);

	if (statement->is_grant && statement->privileges == NIL)
		report_grant(lint, statement);
}

static void
check_option(HmLint *lint, Node *node)
{
	HmCase		found = {0};

	if (!IsA(node, GrantRoleStmt))
	{
		GrantStmt  *statement = grant_of(node);

		if (statement->is_grant && statement->grant_option)
			report_grant(lint, statement);
		return;
	}
	if (!((GrantRoleStmt *) node)->is_grant ||
		!hm_compat_grants_admin((GrantRoleStmt *) node))
		return;
	found.table = quote_identifier(linitial_node(AccessPriv,
												 ((GrantRoleStmt *) node)->granted_roles)->priv_name);
	hm_lint_report(lint, &found);
}

/* Roles. */

static List *
options_of_role(Node *node, const char **name)
{
	switch (nodeTag(node))
	{
		case T_CreateRoleStmt:
			*name = ((CreateRoleStmt *) node)->role;
			return ((CreateRoleStmt *) node)->options;
		case T_AlterRoleStmt:
			*name = ((AlterRoleStmt *) node)->role->rolename;
			return ((AlterRoleStmt *) node)->options;
		case T_CreateUserMappingStmt:
			*name = ((CreateUserMappingStmt *) node)->servername;
			return ((CreateUserMappingStmt *) node)->options;
		default:
			*name = castNode(AlterUserMappingStmt, node)->servername;
			return ((AlterUserMappingStmt *) node)->options;
	}
}

/* PASSWORD NULL takes one away. */
static void
check_password(HmLint *lint, Node *node)
{
	HmCase		found = {0};
	DefElem    *password = hm_option_find(options_of_role(node, &found.name),
										  "password");

	if (password && password->arg)
		hm_lint_report(lint, &found);
}

static void
check_attribute(HmLint *lint, Node *node)
{
	static const struct
	{
		const char *option;
		const char *name;
	}			attributes[] =

	{
		{"superuser", "SUPERUSER"},
		{"createrole", "CREATEROLE"},
		{"createdb", "CREATEDB"},
		{"isreplication", "REPLICATION"},
		{"bypassrls", "BYPASSRLS"}
	};
	const char *name;
	List	   *options = options_of_role(node, &name);

	for (int i = 0; i < lengthof(attributes); i++)
	{
		HmCase		found = {.name = name,.type = attributes[i].name};

		if (hm_option_is_on(options, attributes[i].option))
			hm_lint_report(lint, &found);
	}
}

/* Row security. */

static void
check_row_security(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmRelation *relation = lint->relation;
	bool		forced = command->subtype == AT_NoForceRowSecurity;
	HmCase		found = {
		.relation = relation,
		.type = forced ? "NO FORCE" : "DISABLE"
	};

	if (hm_made(relation->made) || relation->temporary ||
		(relation->known && !(forced ? relation->forced_row_security :
							  relation->row_security)))
		return;
	hm_lint_report(lint, &found);
}

static bool
names_public(List *roles)
{
	ListCell   *cell;

	foreach(cell, roles)
	{
		if (lfirst_node(RoleSpec, cell)->roletype == ROLESPEC_PUBLIC)
			return true;
	}
	return roles == NIL;
}

/* A policy for some roles opens the table to these. */
static void
report_policy(HmLint *lint, RangeVar *table, const char *name, List *roles)
{
	HmCase		found = {
		.relation = hm_world_relation(lint->world, table),
		.name = name
	};

	if (found.relation->temporary)
		return;
	if (!names_public(roles))
	{
		found.raise = -1;
		found.why = "it is for some roles only";
	}
	hm_lint_report(lint, &found);
}

/* One that restricts cannot open anything. */
static void
check_policy(HmLint *lint, Node *node)
{
	if (IsA(node, CreatePolicyStmt))
	{
		CreatePolicyStmt *create = (CreatePolicyStmt *) node;

		if (create->permissive && (hm_tree_is_true(create->qual) ||
								   hm_tree_is_true(create->with_check)))
			report_policy(lint, create->table, create->policy_name,
						  create->roles);
	}
	else
	{
		AlterPolicyStmt *alter = castNode(AlterPolicyStmt, node);

		if (hm_tree_is_true(alter->qual) || hm_tree_is_true(alter->with_check))
			report_policy(lint, alter->table, alter->policy_name,
						  alter->roles);
	}
}

/* What a view reads, it reads as its owner. */
static HmRelation *
find_secured(HmLint *lint, Node *query)
{
	ListCell   *cell;

	foreach(cell, IsA(query, SelectStmt) ? hm_tree_relations(query) : NIL)
	{
		HmRelation *relation = hm_world_relation(lint->world,
												 lfirst_node(RangeVar, cell));

		if (relation->row_security && !relation->gone)
			return relation;
	}
	return NULL;
}

static void
check_view(HmLint *lint, Node *node)
{
	HmCase		found = {0};
	RangeVar   *name;
	HmRelation *secured;

	if (IsA(node, ViewStmt))
	{
		if (hm_option_is_on(((ViewStmt *) node)->options,
							"security_invoker"))
			return;
		name = ((ViewStmt *) node)->view;
		secured = find_secured(lint, ((ViewStmt *) node)->query);
	}
	else
	{
		CreateTableAsStmt *create = castNode(CreateTableAsStmt, node);

		if (create->objtype != OBJECT_MATVIEW)
			return;
		name = create->into->rel;
		secured = find_secured(lint, create->query);
	}
	if (secured == NULL || name->relpersistence == RELPERSISTENCE_TEMP)
		return;
	found.table = secured->display;
	found.type = quote_qualified_identifier(name->schemaname, name->relname);
	found.detail = IsA(node, ViewStmt) ? NULL :
		"a materialized view keeps a copy of all rows";
	hm_lint_report(lint, &found);
}

/* Functions. */

static bool
sets_search_path(List *options)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);
		VariableSetStmt *set = (VariableSetStmt *) option->arg;

		if (strcmp(option->defname, "set") == 0 && set->name &&
			pg_strcasecmp(set->name, "search_path") == 0 &&
			(set->kind == VAR_SET_VALUE || set->kind == VAR_SET_CURRENT))
			return true;
	}
	return false;
}

/* Of a function of the catalogs. */
static bool
has_search_path(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		isnull;
	bool		found = false;
	Datum		config;

	if (!HeapTupleIsValid(tuple))
		return false;
	config = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proconfig, &isnull);
	if (!isnull)
	{
		Datum	   *elements;
		int			count;

		deconstruct_array(DatumGetArrayTypeP(config), TEXTOID, -1, false,
						  TYPALIGN_INT, &elements, NULL, &count);
		for (int i = 0; i < count; i++)
			found |= strncmp(TextDatumGetCString(elements[i]), "search_path=",
							 strlen("search_path=")) == 0;
	}
	ReleaseSysCache(tuple);
	return found;
}

static void
check_created_definer(HmLint *lint, CreateFunctionStmt *statement)
{
	HmCase		found = {.table = hm_tree_dotted(statement->funcname)};

	/* A body that is no string has its names looked up once, when made. */
	if (hm_option_is_on(statement->options, "security") &&
		!sets_search_path(statement->options) && statement->sql_body == NULL)
		hm_lint_report(lint, &found);
}

static void
check_altered_definer(HmLint *lint, AlterFunctionStmt *statement)
{
	HmCase		found = {.table = hm_tree_dotted(statement->func->objname)};
	HmRoutine  *made = hm_world_routine(lint->world, statement->func->objname);
	Oid			function = InvalidOid;
	Oid			schema;

	if (!hm_option_is_on(statement->actions, "security") ||
		sets_search_path(statement->actions) ||
		(made && sets_search_path(made->raw->options)))
		return;
	if (lint->world->catalogs && made == NULL)
		function = hm_resolve_function(statement->objtype, statement->func,
									   &schema);
	if (!OidIsValid(function) || !has_search_path(function))
		hm_lint_report(lint, &found);
}

static void
check_definer(HmLint *lint, Node *node)
{
	if (IsA(node, CreateFunctionStmt))
		check_created_definer(lint, (CreateFunctionStmt *) node);
	else
		check_altered_definer(lint, castNode(AlterFunctionStmt, node));
}

/* Round the server's own rules. */

/* Also those that the plan has yet to install. */
static bool
is_untrusted(const HmLint *lint, const char *language)
{
	static const char *const known[] = {
		"c", "internal", "plperlu", "plpython3u", "plpythonu", "pltclu"
	};

	for (int i = 0; i < lengthof(known); i++)
	{
		if (strcmp(language, known[i]) == 0)
			return true;
	}
	return lint->world->catalogs && hm_danger_language(language);
}

static const char *
language_of(List *options)
{
	DefElem    *language = hm_option_find(options, "language");

	return language && language->arg && IsA(language->arg, String) ?
		strVal(language->arg) : NULL;
}

static void
check_language(HmLint *lint, Node *node)
{
	HmCase		found = {0};
	const char *language;

	switch (nodeTag(node))
	{
		case T_CreateFunctionStmt:
			found.table = hm_tree_dotted(((CreateFunctionStmt *) node)->funcname);
			language = language_of(((CreateFunctionStmt *) node)->options);
			break;
		case T_DoStmt:
			found.table = "DO";
			language = language_of(((DoStmt *) node)->args);
			break;
		case T_CreateExtensionStmt:
			language = ((CreateExtensionStmt *) node)->extname;
			found.table = quote_identifier(language);
			break;
		default:
			language = castNode(CreatePLangStmt, node)->plname;
			found.table = quote_identifier(language);
			break;
	}
	if (language == NULL || !is_untrusted(lint, language))
		return;
	found.type = language;
	hm_lint_report(lint, &found);
}

static void
check_copy(HmLint *lint, CopyStmt *statement)
{
	HmCase		found = {
		.type = statement->is_program ? "COPY with a program of the server" :
		"COPY with a file of the server"
	};

	if (statement->filename)
		hm_lint_report(lint, &found);
}

static void
check_calls(HmLint *lint, Node *query)
{
	static const char *const functions[] = {
		"lo_export", "lo_import", "pg_file_rename", "pg_file_unlink",
		"pg_file_write", "pg_ls_dir", "pg_read_binary_file", "pg_read_file",
		"pg_stat_file"
	};
	ListCell   *cell;

	foreach(cell, hm_tree_calls(query))
	{
		FuncCall   *call = lfirst(cell);
		const char *name = strVal(llast(call->funcname));

		for (int i = 0; i < lengthof(functions); i++)
		{
			HmCase		found = {.type = name,.location = call->location};

			if (strcmp(name, functions[i]) == 0)
				hm_lint_report(lint, &found);
		}
	}
}

static void
check_server(HmLint *lint, Node *node)
{
	HmCase		found = {.type = "LOAD"};

	if (IsA(node, CopyStmt))
		check_copy(lint, (CopyStmt *) node);
	else if (IsA(node, LoadStmt))
		hm_lint_report(lint, &found);
	else
		check_calls(lint, node);
}

static const HmLintRule rules[] = {
	{
		"grant-to-public", 90, HM_HIGH,
		HM_RULE_DOWN,
		{HM_ON(GrantStmt), HM_ON(AlterDefaultPrivilegesStmt)}, check_public,
		"privileges on {table} go to everybody who can connect",
		"GRANT ... ON {table} TO a role that is made for it",
		"PUBLIC is every role, of today and of tomorrow; access must be limited to those who need it (45 CFR 164.312(a))."
	},
	{
		"grant-all", 90, HM_HIGH,
		HM_RULE_DOWN,
		{HM_ON(GrantStmt), HM_ON(AlterDefaultPrivilegesStmt)}, check_all,
		"all privileges on {table} are granted",
		"name what is needed: GRANT SELECT, INSERT, UPDATE ON {table} TO ...",
		"ALL includes TRUNCATE, TRIGGER, REFERENCES and what later versions add: more than the minimum necessary (45 CFR 164.502(b))."
	},
	{
		"grant-with-option", 90, HM_HIGH,
		HM_RULE_DOWN,
		{HM_ON(GrantStmt), HM_ON(AlterDefaultPrivilegesStmt),
		HM_ON(GrantRoleStmt)}, check_option,
		"who gets {table} may pass it on",
		"GRANT without WITH GRANT OPTION or WITH ADMIN OPTION, once for each role that needs it",
		"Who may pass a privilege on decides about access instead of those who are answerable for it."
	},
	{
		"role-password", 91, HM_CRITICAL,
		HM_RULE_DOWN,
		{HM_ON(CreateRoleStmt), HM_ON(AlterRoleStmt),
		HM_ON(CreateUserMappingStmt), HM_ON(AlterUserMappingStmt)},
		check_password,
		"the password of {name} stands in the text",
		"create the role without one and set it by \\password, or authenticate without passwords",
		"The text of a migration is in version control, reviews and logs, for everybody to read."
	},
	{
		"role-attribute", 91, HM_CRITICAL,
		HM_RULE_DOWN,
		{HM_ON(CreateRoleStmt), HM_ON(AlterRoleStmt)}, check_attribute,
		"role {name} gets {type}",
		"leave attributes of roles to those who run the server",
		"It reaches beyond this database and beyond what grants can limit."
	},
	{
		"row-security-off", 92, HM_CRITICAL,
		HM_RULE_CATALOG | HM_RULE_DOWN,
		{HM_ON_ALTER(AT_DisableRowSecurity),
		HM_ON_ALTER(AT_NoForceRowSecurity)}, check_row_security,
		"{type} ROW LEVEL SECURITY: {table} is no longer filtered by its policies",
		"leave it on, and CREATE POLICY ... ON {table} for the role that needs more",
		"From that moment whoever may read the table reads the rows of everybody."
	},
	{
		"policy-always-true", 92, HM_CRITICAL,
		HM_RULE_CATALOG | HM_RULE_DOWN,
		{HM_ON(CreatePolicyStmt), HM_ON(AlterPolicyStmt)}, check_policy,
		"policy {name} lets every row of {table} through",
		"say whose rows: USING (owner = current_user), and TO the roles that it is for",
		"Permissive policies are joined by OR: one that is always true makes the others void."
	},
	{
		"view-past-row-security", 93, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON(ViewStmt), HM_ON(CreateTableAsStmt)}, check_view,
		"view {type} shows rows of {table} past its row security",
		"CREATE VIEW {type} WITH (security_invoker = true) AS ...",
		"A view reads as its owner, whom the policies of a table often do not bind."
	},
	{
		"definer-without-path", 94, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_DOWN,
		{HM_ON(CreateFunctionStmt), HM_ON(AlterFunctionStmt)}, check_definer,
		"{table} runs as its owner under the search_path of its caller",
		"ALTER FUNCTION {table} SET search_path = pg_catalog, pg_temp, and qualify the names in it",
		"Whoever calls it can put objects of their own in front of those that it means, and have them used by its owner."
	},
	{
		"server-access", 97, HM_HIGH,
		HM_RULE_DOWN,
		{HM_ON(CopyStmt), HM_ON(LoadStmt), HM_ON(SelectStmt),
			HM_ON(InsertStmt), HM_ON(UpdateStmt), HM_ON(DeleteStmt),
		HM_ON(MergeStmt)}, check_server,
		"{type} reaches the files or programs of the server",
		"load the data through the client, or have those who run the server do it",
		"Privileges in the database say nothing about what lies outside, and no record is kept of it there."
	},
	{
		"untrusted-language", 97, HM_HIGH,
		HM_RULE_DOWN,
		{HM_ON(CreateFunctionStmt), HM_ON(DoStmt), HM_ON(CreateExtensionStmt),
		HM_ON(CreatePLangStmt)}, check_language,
		"{table}: code in {type} is not confined by the server",
		"write it in SQL or PL/pgSQL, or install an extension that has been reviewed",
		"Code in such a language does whatever the server's account can, past every privilege and every record."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_security, rules);
