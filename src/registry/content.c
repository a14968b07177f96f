/*
 * src/registry/content.c
 *	  What a migration does: a draft that has been judged, and its checksum.
 */
#include "postgres.h"

#include "base/attempt.h"
#include "base/errors.h"
#include "registry/content.h"
#include "registry/name.h"
#include "registry/setting_list.h"

/* Field numbers of the checksum's encoding; never reuse one. */
enum
{
	FIELD_UP = 1,
	FIELD_DOWN,
	FIELD_VERIFY,
	FIELD_KIND,
	FIELD_TRANSACTIONAL,
	FIELD_RUN_AS,
	FIELD_DEPENDENCY_COUNT,
	FIELD_DEPENDENCY_PROJECT,
	FIELD_DEPENDENCY_NAME,
	FIELD_SETTING_COUNT,
	FIELD_SETTING_NAME,
	FIELD_SETTING_VALUE
};

static HmRewriter rewriter = NULL;

static void
require_one_of(const char *what, const char *value,
			   const char *const *choices, int nchoices)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < nchoices; i++)
	{
		if (strcmp(value, choices[i]) == 0)
			return;
		appendStringInfo(&list, "%s\"%s\"", i > 0 ? ", " : "", choices[i]);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid %s \"%s\"", what, value),
			 errhint("Use one of %s.", list.data)));
}

static void
require_valid_words(const HmDraft *draft)
{
	static const char *const kinds[] = {"schema", "data", "repeatable"};
	static const char *const modes[] = {"auto", "yes", "no"};

	require_one_of("kind of migration", draft->kind,
				   kinds, lengthof(kinds));
	require_one_of("value for transactional", draft->transactional,
				   modes, lengthof(modes));
	if (draft->run_as && strlen(draft->run_as) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("role name \"%s\" is too long", draft->run_as)));
}

static HmScript *
parse_text(const HmContent *content, const HmDraftText *text,
		   const char *direction)
{
	HmScriptOrigin origin = {
		.migration = content->display,
		.original_name = content->draft->original_name,
		.direction = direction,
		.file = text->file,
		.first_line = Max(text->first_line, 1)
	};

	return hm_script_parse(text->text, origin,
						   content->draft->sheds_transactions);
}

static HmScript *
parse_optional(const HmContent *content, const HmDraftText *text,
			   const char *direction)
{
	HmScript   *script;

	if (text->text == NULL)
		return NULL;
	script = parse_text(content, text, direction);
	return script->nstatements > 0 ? script : NULL;
}

/* Did the text displease, and not something else fail? */
static bool
is_about_text(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION:
		case ERRCODE_DATA_EXCEPTION:
		case ERRCODE_FEATURE_NOT_SUPPORTED:
			return error->context != NULL;
		default:
			return error->sqlerrcode == HM_ERRCODE_TEXT_REFUSED;
	}
}

typedef struct DownAttempt
{
	const HmContent *content;
	HmScript   *script;
} DownAttempt;

static void
attempt_down(void *argument)
{
	DownAttempt *down = argument;

	down->script = parse_text(down->content, &down->content->draft->down,
							  "down");
}

/*
 * Keeps a down that cannot run, for its author to look at: without statements
 * it does not make the migration reversible.  The first line of the error's
 * context is that of the parser.
 */
static HmScript *
keep_unparsed_down(HmContent *content, const ErrorData *error)
{
	HmScript   *script = palloc0(sizeof(HmScript));

	script->text = pstrdup(content->draft->down.text);
	script->top_level_index = -1;
	content->down_problem = psprintf("%s: %s",
									 pnstrdup(error->context,
											  strcspn(error->context, "\n")),
									 error->message);
	ereport(WARNING,
			(errcode(HM_ERRCODE_TEXT_REFUSED),
			 errmsg_internal("%s", content->down_problem),
			 errdetail("The migration can be applied, but not reverted.")));
	return script;
}

static HmScript *
parse_down(HmContent *content)
{
	DownAttempt down = {content};
	ErrorData  *error;

	if (!content->draft->tolerates_bad_down)
		return parse_optional(content, &content->draft->down, "down");
	if (content->draft->down.text == NULL)
		return NULL;
	error = hm_attempt(attempt_down, &down, HM_ATTEMPT_KEEP);
	if (error && !is_about_text(error))
		ReThrowError(error);
	if (error)
		return keep_unparsed_down(content, error);
	return down.script->nstatements > 0 ? down.script : NULL;
}

static void
refuse_top_level(const HmScript *script, const char *where, const char *hint)
{
	const HmScriptStatement *statement =
	&script->statements[script->top_level_index];

	ereport(ERROR,
			(errcode(HM_ERRCODE_TEXT_REFUSED),
			 errmsg("%s cannot run in a transaction",
					script->top_level_command),
			 errdetail("It is statement %d, line %d, of a %s.",
					   script->top_level_index + 1, statement->line, where),
			 errhint("%s", hint),
			 errcontext("%s", hm_script_origin_display(&script->origin))));
}

static bool
decide_transactional(const HmContent *content, const HmScript *script)
{
	if (strcmp(content->draft->transactional, "no") == 0)
		return false;
	if (script == NULL || script->top_level_index < 0)
		return true;
	if (strcmp(content->draft->transactional, "yes") == 0)
		refuse_top_level(script, "migration registered as transactional",
						 "Register the migration with transactional => 'no', or leave it to 'auto'.");
	return false;
}

static int
compare_dependencies(const ListCell *a, const ListCell *b)
{
	const HmName *left = lfirst(a);
	const HmName *right = lfirst(b);
	int			order = strcmp(left->project, right->project);

	return order != 0 ? order : strcmp(left->name, right->name);
}

static List *
sort_dependencies(const HmContent *content)
{
	List	   *sorted = NIL;
	List	   *unique = NIL;
	ListCell   *cell;

	foreach(cell, content->draft->depends_on)
	{
		HmName	   *name = palloc(sizeof(HmName));

		*name = hm_name_split((const char *) lfirst(cell), content->project);
		hm_name_require_valid_project(name->project);
		hm_name_require_valid(name->name);
		if (strcmp(name->name, content->draft->name) == 0 &&
			strcmp(name->project, content->project) == 0)
			ereport(ERROR,
					(errcode(HM_ERRCODE_CYCLE),
					 errmsg("migration \"%s\" depends on itself",
							content->display)));
		sorted = lappend(sorted, name);
	}
	list_sort(sorted, compare_dependencies);
	foreach(cell, sorted)
	{
		if (unique == NIL ||
			compare_dependencies(cell, list_last_cell(unique)) != 0)
			unique = lappend(unique, lfirst(cell));
	}
	return unique;
}

static const char *
text_of(const HmScript *script)
{
	return script ? script->text : NULL;
}

static void
compute_checksum(const HmContent *content, const char *up, const char *down,
				 uint8 *checksum)
{
	HmHash	   *hash = hm_hash_begin("hipaa_migrate migration 1");
	ListCell   *cell;

	hm_hash_append_text(hash, FIELD_UP, up);
	hm_hash_append_text(hash, FIELD_DOWN, down);
	hm_hash_append_text(hash, FIELD_VERIFY, text_of(content->verify));
	hm_hash_append_text(hash, FIELD_KIND, content->draft->kind);
	hm_hash_append_text(hash, FIELD_TRANSACTIONAL,
						content->draft->transactional);
	hm_hash_append_text(hash, FIELD_RUN_AS, content->draft->run_as);
	hm_hash_append_int64(hash, FIELD_DEPENDENCY_COUNT,
						 list_length(content->depends_on));
	foreach(cell, content->depends_on)
	{
		HmName	   *name = lfirst(cell);

		hm_hash_append_text(hash, FIELD_DEPENDENCY_PROJECT, name->project);
		hm_hash_append_text(hash, FIELD_DEPENDENCY_NAME, name->name);
	}
	hm_hash_append_int64(hash, FIELD_SETTING_COUNT,
						 list_length(content->settings));
	foreach(cell, content->settings)
	{
		HmSettingValue *setting = lfirst(cell);

		hm_hash_append_text(hash, FIELD_SETTING_NAME, setting->name);
		hm_hash_append_text(hash, FIELD_SETTING_VALUE, setting->value);
	}
	hm_hash_end(hash, checksum);
}

static void
compute_checksums(HmContent *content)
{
	const char *up = text_of(content->up);
	const char *down = text_of(content->down);

	compute_checksum(content, up, down, content->checksum);
	if (content->up_original || content->down_original)
		compute_checksum(content,
						 content->up_original ? content->up_original : up,
						 content->down_original ? content->down_original : down,
						 content->original_checksum);
	else
		memcpy(content->original_checksum, content->checksum, HM_HASH_LENGTH);
}

void
hm_content_set_rewriter(HmRewriter new_rewriter)
{
	rewriter = new_rewriter;
}

/* What comes of it is parsed again: it is what will run. */
static HmScript *
rewrite(HmScript *script, char **original)
{
	char	   *text = script && rewriter ? rewriter(script) : NULL;
	HmScript   *rewritten;

	if (text == NULL)
		return script;
	*original = script->text;
	rewritten = hm_script_parse(text, script->origin, false);
	if (rewritten->nstatements != script->nstatements)
		elog(ERROR, "rewritten text has %d statements instead of %d",
			 rewritten->nstatements, script->nstatements);
	return rewritten;
}

HmContent *
hm_content_build(const HmDraft *draft, const char *project)
{
	HmContent  *content = palloc0(sizeof(HmContent));

	hm_name_require_valid_project(project);
	hm_name_require_valid(draft->name);
	require_valid_words(draft);
	content->draft = draft;
	content->project = project;
	content->display = hm_name_display(project, draft->name);
	content->up = parse_text(content, &draft->up, "up");
	if (content->up->nstatements == 0)
		ereport(ERROR,
				(errcode(HM_ERRCODE_TEXT_REFUSED),
				 errmsg("migration \"%s\" has no statements",
						content->display),
				 errdetail("Its up text is empty or holds only comments.")));
	content->up = rewrite(content->up, &content->up_original);
	content->down = rewrite(parse_down(content), &content->down_original);
	content->verify = parse_optional(content, &draft->verify, "verify");
	if (content->verify && content->verify->top_level_index >= 0)
		refuse_top_level(content->verify,
						 "verify text, which runs in a transaction that is rolled back",
						 "Put it into the migration, or leave it out.");
	content->up_transactional = decide_transactional(content, content->up);
	content->down_transactional = decide_transactional(content, content->down);
	content->depends_on = sort_dependencies(content);
	content->settings = hm_setting_list_for_registration(draft->settings);
	compute_checksums(content);
	return content;
}
