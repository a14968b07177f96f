/*
 * src/audit/statement_class.c
 *	  Are a statement's literals schema, or may they be data?
 *
 * What is not in the table below counts as data, so a kind of statement that
 * a later server adds does too.
 */
#include "postgres.h"

#include "audit/lexer.h"
#include "audit/statement_class.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

typedef struct SchemaStatement
{
	NodeTag		tag;
	const char *verb;			/* its first word */
} SchemaStatement;

/*
 * Statements that the server makes from others carry the others' text: the
 * verb tells where a tree is not the text's own.
 */
static const SchemaStatement schema_statements[] = {
	{T_AlterDatabaseSetStmt, "alter"},
	{T_AlterDatabaseStmt, "alter"},
	{T_AlterDomainStmt, "alter"},
	{T_AlterEnumStmt, "alter"},
	{T_AlterExtensionStmt, "alter"},
	{T_AlterFdwStmt, "alter"},
	{T_AlterForeignServerStmt, "alter"},
	{T_AlterOpFamilyStmt, "alter"},
	{T_AlterPolicyStmt, "alter"},
	{T_AlterPublicationStmt, "alter"},
	{T_AlterRoleSetStmt, "alter"},
	{T_AlterRoleStmt, "alter"},
	{T_AlterSeqStmt, "alter"},
	{T_AlterStatsStmt, "alter"},
	{T_AlterSubscriptionStmt, "alter"},
	{T_AlterSystemStmt, "alter"},
	{T_AlterTableSpaceOptionsStmt, "alter"},
	{T_AlterTableStmt, "alter"},
	{T_AlterTSDictionaryStmt, "alter"},
	{T_AlterTypeStmt, "alter"},
	{T_AlterUserMappingStmt, "alter"},
	{T_CommentStmt, "comment"},
	{T_CompositeTypeStmt, "create"},
	{T_CreateConversionStmt, "create"},
	{T_CreatedbStmt, "create"},
	{T_CreateDomainStmt, "create"},
	{T_CreateEnumStmt, "create"},
	{T_CreateEventTrigStmt, "create"},
	{T_CreateExtensionStmt, "create"},
	{T_CreateFdwStmt, "create"},
	{T_CreateForeignServerStmt, "create"},
	{T_CreateForeignTableStmt, "create"},
	{T_CreateOpClassStmt, "create"},
	{T_CreatePolicyStmt, "create"},
	{T_CreatePublicationStmt, "create"},
	{T_CreateRangeStmt, "create"},
	{T_CreateRoleStmt, "create"},
	{T_CreateSeqStmt, "create"},
	{T_CreateStatsStmt, "create"},
	{T_CreateStmt, "create"},
	{T_CreateSubscriptionStmt, "create"},
	{T_CreateTableSpaceStmt, "create"},
	{T_CreateUserMappingStmt, "create"},
	{T_DefineStmt, "create"},
	{T_GrantStmt, "grant"},
	{T_ImportForeignSchemaStmt, "import"},
	{T_IndexStmt, "create"},
	{T_LoadStmt, "load"},
	{T_SecLabelStmt, "security"},
	{T_VariableSetStmt, "set"}
};

static void
note_word(HmStatementSurvey *survey, int number, const HmLexer *lexer)
{
	int			length = Min(lexer->token_end - lexer->token_start,
							 (int) sizeof(survey->words[0]) - 1);

	for (int i = 0; i < length; i++)
		survey->words[number][i] =
			pg_ascii_tolower(lexer->text[lexer->token_start + i]);
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || IS_HIGHBIT_SET(c);
}

/* A string's end with a letter or a quote behind it: likely not its end. */
static bool
is_glued(const HmLexer *lexer)
{
	char		next = lexer->token_end < lexer->end ?
	lexer->text[lexer->token_end] : '\0';

	return lexer->kind == HM_TOKEN_STRING &&
		(is_word_char(next) || next == '\'' || next == '"' || next == '\\');
}

void
hm_statement_survey(HmStatementSurvey *survey, const char *text, int start,
					int end, bool standard_strings)
{
	HmLexer		lexer;
	int			depth = 0;
	int			nwords = 0;
	bool		semicolon = false;

	memset(survey, 0, sizeof(*survey));
	survey->start = survey->end = -1;
	survey->closed = survey->sound = true;
	hm_lexer_begin(&lexer, text, start, end, standard_strings);
	while (hm_lexer_advance(&lexer))
	{
		survey->closed &= lexer.closed;
		survey->sound &= lexer.closed && !is_glued(&lexer);
		if (lexer.kind == HM_TOKEN_BLANK || lexer.kind == HM_TOKEN_COMMENT)
			continue;
		if (hm_lexer_at_sign(&lexer, ';'))
		{
			semicolon = true;
			continue;
		}
		if (survey->start < 0)
			survey->start = lexer.token_start;
		else
			survey->several |= semicolon;
		survey->end = lexer.token_end;
		depth += hm_lexer_at_sign(&lexer, '(') - hm_lexer_at_sign(&lexer, ')');
		if (lexer.kind == HM_TOKEN_WORD && nwords < 2)
			note_word(survey, nwords++, &lexer);
		survey->has_using |= depth == 0 && hm_lexer_at_word(&lexer, "using");
	}
	if (survey->start < 0)
		survey->start = survey->end = start;
}

static const Node *
bare_statement(const Node *tree)
{
	if (IsA(tree, RawStmt))
		return ((const RawStmt *) tree)->stmt;
	if (IsA(tree, PlannedStmt) && ((const PlannedStmt *) tree)->utilityStmt)
		return ((const PlannedStmt *) tree)->utilityStmt;
	if (IsA(tree, Query) && ((const Query *) tree)->utilityStmt)
		return ((const Query *) tree)->utilityStmt;
	return tree;
}

/* Its first word, or NULL when its literals may be data. */
static const char *
schema_verb(const Node *statement)
{
	for (int i = 0; i < lengthof(schema_statements); i++)
	{
		if (schema_statements[i].tag == nodeTag(statement))
			return schema_statements[i].verb;
	}
	return NULL;
}

static bool
holds_only_schema(const CreateSchemaStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->schemaElts)
	{
		if (schema_verb(lfirst(cell)) == NULL)
			return false;
	}
	return true;
}

/* COPY of a table: what stands there is a file's name and its format. */
static bool
copies_table(const CopyStmt *statement)
{
	return statement->query == NULL && statement->whereClause == NULL;
}

bool
hm_statement_is_schema(const Node *tree, const HmStatementSurvey *survey)
{
	const Node *statement = bare_statement(tree);
	bool		creates_schema = strcmp(survey->words[0], "create") == 0 &&
	strcmp(survey->words[1], "schema") == 0;
	const char *verb;

	if (survey->several)
		return false;
	if (IsA(statement, CreateSchemaStmt))
		return creates_schema &&
			holds_only_schema((const CreateSchemaStmt *) statement);
	if (IsA(statement, CopyStmt))
		return strcmp(survey->words[0], "copy") == 0 &&
			copies_table((const CopyStmt *) statement);

	/* What USING computes comes from the rows. */
	if (survey->has_using && strcmp(survey->words[0], "alter") == 0 &&
		strcmp(survey->words[1], "policy") != 0)
		return false;
	verb = schema_verb(statement);
	return verb != NULL && !creates_schema &&
		strcmp(survey->words[0], verb) == 0;
}
