/*
 * src/lint/guarded_rewrite.c
 *	  Writes statements in their guarded forms.
 */
#include "postgres.h"

#include "audit/lexer.h"
#include "lint/guarded_rewrite.h"
#include "miscadmin.h"

typedef struct Token
{
	HmTokenKind kind;
	int			start;
	int			end;
} Token;

/* A statement's tokens, without blanks and comments. */
typedef struct Tokens
{
	const char *text;
	int			count;
	Token	   *tokens;
} Tokens;

/* Words to be put in, in the order of their places. */
typedef struct Insertion
{
	int			at;
	const char *words;
} Insertion;

static void
read_tokens(Tokens *tokens, const HmScript *script, int index)
{
	const HmScriptStatement *statement = &script->statements[index];
	int			room = 64;
	HmLexer		lexer;

	tokens->text = script->text;
	tokens->count = 0;
	tokens->tokens = palloc(sizeof(Token) * room);
	hm_lexer_begin(&lexer, script->text, statement->start,
				   statement->start + statement->length, true);
	while (hm_lexer_advance(&lexer))
	{
		CHECK_FOR_INTERRUPTS();
		if (lexer.kind == HM_TOKEN_BLANK || lexer.kind == HM_TOKEN_COMMENT)
			continue;
		if (tokens->count == room)
			tokens->tokens = repalloc_huge(tokens->tokens,
										   sizeof(Token) * (room *= 2));
		tokens->tokens[tokens->count++] = (Token)
		{
			lexer.kind, lexer.token_start, lexer.token_end
		};
	}
}

static bool
at_word(const Tokens *tokens, int index, const char *word)
{
	const Token *token = &tokens->tokens[index];

	return index < tokens->count && token->kind == HM_TOKEN_WORD &&
		token->end - token->start == strlen(word) &&
		pg_strncasecmp(tokens->text + token->start, word, strlen(word)) == 0;
}

static bool
at_sign(const Tokens *tokens, int index, const char *signs)
{
	const Token *token = &tokens->tokens[index];

	return index < tokens->count && token->kind == HM_TOKEN_SIGN &&
		strchr(signs, tokens->text[token->start]) != NULL;
}

static void
insert_behind(List **insertions, const Tokens *tokens, int index,
			  const char *words)
{
	Insertion  *insertion = palloc(sizeof(Insertion));

	insertion->at = tokens->tokens[index].end;
	insertion->words = words;
	*insertions = lappend(*insertions, insertion);
}

/* Index of the first such word from a place on, outside of parentheses. */
static int
find_word(const Tokens *tokens, int from, int to, const char *word)
{
	int			depth = 0;

	for (int i = from; i < to; i++)
	{
		if (at_sign(tokens, i, "(["))
			depth++;
		else if (at_sign(tokens, i, ")]"))
			depth--;
		else if (depth == 0 && at_word(tokens, i, word))
			return i;
	}
	return -1;
}

/* The second of two words that follow each other. */
static int
find_pair(const Tokens *tokens, int from, int to, const char *first,
		  const char *second)
{
	for (int i = from; i + 1 < to; i++)
	{
		if (at_word(tokens, i, first) && at_word(tokens, i + 1, second))
			return i + 1;
	}
	return -1;
}

/* U&"name" may say how it is escaped. */
static int
behind_name(const Tokens *tokens, int index)
{
	return at_word(tokens, index + 1, "uescape") ? index + 3 : index + 1;
}

/* Behind the name of the relation that ALTER TABLE changes. */
static int
find_actions(const Tokens *tokens, int location)
{
	int			i = 0;
	bool		in_parentheses;

	while (i < tokens->count && tokens->tokens[i].start < location)
		i++;
	in_parentheses = i > 0 && at_sign(tokens, i - 1, "(");
	for (i = behind_name(tokens, i); at_sign(tokens, i, ".");)
		i = behind_name(tokens, i + 1);
	if (at_sign(tokens, i, "*"))
		i++;
	return in_parentheses && at_sign(tokens, i, ")") ? i + 1 : i;
}

/* The comma, outside of parentheses, that ends an action. */
static int
find_end_of_action(const Tokens *tokens, int from)
{
	int			depth = 0;
	int			i;

	for (i = from; i < tokens->count; i++)
	{
		if (at_sign(tokens, i, "(["))
			depth++;
		else if (at_sign(tokens, i, ")]"))
			depth--;
		else if (depth == 0 && at_sign(tokens, i, ","))
			break;
	}
	return i;
}

/* Where the form of an action belongs that stands between two tokens. */
static int
find_place_in_action(const Tokens *tokens, int from, int to,
					 const AlterTableCmd *command, const HmGuardedForm *form)
{
	switch (command->subtype)
	{
		case AT_AddColumn:
		case AT_DropColumn:
			return at_word(tokens, from + 1, form->anchor) ? from + 1 : from;
		default:
			return find_pair(tokens, from, to, "drop", form->anchor);
	}
}

/* False when a place was not found. */
static bool
insert_in_actions(List **insertions, const Tokens *tokens,
				  const AlterTableStmt *statement, bool *block)
{
	int			from = find_actions(tokens, statement->relation->location);
	ListCell   *cell;

	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
		int			to = find_end_of_action(tokens, from);
		HmGuardedForm form;

		if (hm_guarded_form_find((Node *) statement,
								 foreach_current_index(cell), &form) &&
			!form.used)
		{
			int			place = -1;

			if (form.kind == HM_FORM_BLOCK)
				*block = true;
			else if ((place = find_place_in_action(tokens, from, to, command,
												   &form)) < 0)
				return false;
			else
				insert_behind(insertions, tokens, place,
							  form.kind == HM_FORM_IF_EXISTS ?
							  " IF EXISTS" : " IF NOT EXISTS");
		}
		from = to + 1;
	}
	return true;
}

/* Behind the query of an INSERT, before RETURNING. */
static int
find_end_of_insert(const Tokens *tokens)
{
	int			i = 0;

	while ((i = find_word(tokens, i, tokens->count, "returning")) > 0)
	{
		/* A name, not the clause? */
		if (!at_word(tokens, i - 1, "as") && !at_sign(tokens, i - 1, "."))
			return i - 1;
		i++;
	}
	return tokens->count - 1;
}

/* The token behind which the form of any other statement belongs, or -1. */
static int
find_place(const Tokens *tokens, const Node *tree, const HmGuardedForm *form)
{
	int			place;

	if (form->kind == HM_FORM_ON_CONFLICT)
		return find_end_of_insert(tokens);
	if (IsA(tree, AlterEnumStmt))
		return find_pair(tokens, 0, tokens->count, "add", form->anchor);
	if (IsA(tree, AlterDomainStmt))
		return find_pair(tokens, 0, tokens->count, "drop", form->anchor);
	if (form->anchor == NULL)
		return 1;
	place = find_word(tokens, 0, tokens->count, form->anchor);
	return place >= 0 && form->kind != HM_FORM_OR_REPLACE &&
		at_word(tokens, place + 1, "concurrently") ? place + 1 : place;
}

/* False when a place was not found. */
static bool
insert_form(List **insertions, const Tokens *tokens, Node *tree,
			const HmGuardedForm *form, bool *block)
{
	int			place;

	if (IsA(tree, AlterTableStmt))
		return insert_in_actions(insertions, tokens, (AlterTableStmt *) tree,
								 block);
	if (form->kind == HM_FORM_BLOCK)
	{
		*block = true;
		return true;
	}
	place = find_place(tokens, tree, form);
	if (place < 0 || place >= tokens->count)
		return false;
	insert_behind(insertions, tokens, place,
				  psprintf(" %s", hm_guarded_form_name(form->kind)));
	return true;
}

static char *
apply_insertions(const HmScriptStatement *statement, const char *text,
				 List *insertions)
{
	StringInfoData result;
	int			at = statement->start;
	ListCell   *cell;

	initStringInfo(&result);
	foreach(cell, insertions)
	{
		Insertion  *insertion = lfirst(cell);

		appendBinaryStringInfo(&result, text + at, insertion->at - at);
		appendStringInfoString(&result, insertion->words);
		at = insertion->at;
	}
	appendBinaryStringInfo(&result, text + at,
						   statement->start + statement->length - at);
	return result.data;
}

/* The statement as the argument of hipaa_migrate.guarded(). */
static char *
wrap(const char *statement)
{
	char		tag[24] = "$hm";

	/* Without its end, which a name such as x$hm would get from the tag. */
	for (int i = 1; strstr(statement, tag) != NULL; i++)
		snprintf(tag, sizeof(tag), "$hm%d", i);
	return psprintf("SELECT hipaa_migrate.guarded(%s$%s%s$)", tag, statement,
					tag);
}

/* The name that the server would give to an index. */
static const char *
suggest_name(const IndexStmt *index)
{
	StringInfoData columns;
	ListCell   *cell;

	initStringInfo(&columns);
	foreach(cell, index->indexParams)
	{
		IndexElem  *element = lfirst_node(IndexElem, cell);

		appendStringInfo(&columns, "%s%s", columns.len > 0 ? "_" : "",
						 element->name ? element->name : "expr");
	}
	return psprintf("%s_%s_idx", index->relation->relname, columns.data);
}

static const char *
why_impossible(const Node *tree, const HmGuardedForm *form)
{
	if (IsA(tree, IndexStmt))
		return psprintf("%s \"%s\"", form->impossible,
						suggest_name((const IndexStmt *) tree));
	return form->impossible;
}

char *
hm_guarded_rewrite(const HmScript *script, int index, const char **problem)
{
	const HmScriptStatement *statement = &script->statements[index];
	Node	   *tree = statement->raw->stmt;
	List	   *insertions = NIL;
	bool		block = false;
	HmGuardedForm form;
	Tokens		tokens;
	char	   *text;

	*problem = NULL;
	if (!hm_guarded_form_missing(tree, &form))
		return NULL;
	if (form.impossible)
	{
		*problem = why_impossible(tree, &form);
		return NULL;
	}
	read_tokens(&tokens, script, index);
	if (!insert_form(&insertions, &tokens, tree, &form, &block))
	{
		*problem = psprintf("The place of %s was not found",
							hm_guarded_form_name(form.kind));
		return NULL;
	}
	text = apply_insertions(statement, script->text, insertions);
	return block ? wrap(text) : text;
}
