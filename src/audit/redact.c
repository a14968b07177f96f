/*
 * src/audit/redact.c
 *	  What a statement's text may hold when it goes on record.
 *
 * Whether a backslash escapes in '...' depends on standard_conforming_strings
 * when the text was parsed, which may have been another value than now.
 * Where it makes a difference, the text is read both ways at once, and what
 * is inside a literal in either of them is replaced.
 */
#include "postgres.h"

#include "audit/lexer.h"
#include "audit/redact.h"
#include "audit/secret.h"
#include "audit/secret_text.h"
#include "audit/statement_class.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#define STRING_PLACEHOLDER	"'?'"
#define UNICODE_PLACEHOLDER	"U&'?'" /* UESCAPE may follow */
#define NAME_PLACEHOLDER	"\"?\""
#define DOLLAR_PLACEHOLDER	"$$?$$"
#define NUMBER_PLACEHOLDER	"?"

typedef struct Redaction
{
	const char *text;
	bool		parsed;
	bool		is_schema;
	HmRecordLiterals literals;
	HmStatementSurvey survey;

	HmLexer		lexer;
	bool		reads_twice;	/* the second lexer is in use */
	HmLexer		second;			/* the other way of reading a backslash */
	HmSecretWatch watch;

	bool		after_uescape;	/* the word stands before, and blanks */
	bool		was_hidden;		/* the token before was */
	StringInfoData stored;		/* at most one byte over the limit */
	bool		has_secret;		/* hashed differs from the text */
	StringInfoData hashed;
} Redaction;

typedef enum Verdict
{
	STAYS,
	IS_DATA,					/* replaced in what is stored */
	IS_SECRET,					/* and in what is hashed */
	IS_HIDDEN					/* a secret, likely a part of a literal only */
} Verdict;

static const char *
token_text(const Redaction *redaction)
{
	return redaction->text + redaction->lexer.token_start;
}

static int
token_length(const Redaction *redaction)
{
	return redaction->lexer.token_end - redaction->lexer.token_start;
}

/* U&'...' or U&"..." */
static bool
is_unicode(const Redaction *redaction)
{
	return token_length(redaction) > 2 && token_text(redaction)[1] == '&';
}

static bool
is_quoted_name(const Redaction *redaction)
{
	return redaction->lexer.kind == HM_TOKEN_WORD &&
		(token_text(redaction)[0] == '"' || is_unicode(redaction));
}

/* Escapes that write a character by its number, which may hide a word. */
static bool
has_numbered_escape(const Redaction *redaction)
{
	const char *text = token_text(redaction);
	int			length = token_length(redaction);

	if (!redaction->lexer.has_escapes)
		return false;
	if (is_unicode(redaction))
		return true;
	for (int at = 0; at + 1 < length; at++)
	{
		if (text[at] != '\\')
			continue;
		at++;
		if (strchr("01234567xuU", text[at]) != NULL)
			return true;
	}
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Looks for a secret in a string of several parts put together.  A comment
 * between the parts counts as one.
 */
static bool
secret_in_parts(const char *text, int length)
{
	char	   *joined = palloc(length + 1);
	int			count = 0;
	bool		found = false;

	for (int at = 0; at < length && !found; at++)
	{
		if (text[at] != '\'')
			joined[count++] = text[at];
		else if (at + 1 < length && text[at + 1] == '\'')
			joined[count++] = text[at++];
		else
		{
			for (at++; at < length && is_blank(text[at]);)
				at++;
			found = at < length && text[at] != '\'';
		}
	}
	found = found || hm_secret_in(joined, count);
	pfree(joined);
	return found;
}

/*
 * The quotes are left out: behind a secret's name inside of a text, a quote
 * would begin its value.
 */
static bool
holds_secret(const Redaction *redaction)
{
	const char *text = token_text(redaction);
	int			length = token_length(redaction);
	int			before = 0;

	if (redaction->lexer.kind == HM_TOKEN_NUMBER)
		return false;
	if (has_numbered_escape(redaction))
		return true;
	while (before < length && strchr("'\"$", text[before]) == NULL)
		before++;
	text += Min(before + 1, length);
	length = Max(length - before - 2, 0);
	return hm_secret_in(text, length) ||
		(redaction->lexer.has_parts && secret_in_parts(text, length));
}

static bool
is_same_token(const HmLexer *one, const HmLexer *other)
{
	return one->token_start == other->token_start &&
		one->token_end == other->token_end && one->kind == other->kind;
}

/*
 * Is any byte of the token inside another literal or comment, read otherwise?
 */
static bool
is_hidden(Redaction *redaction)
{
	HmLexer    *second = &redaction->second;

	for (;;)
	{
		bool		covers = hm_lexer_at_literal(second) ||
		second->kind == HM_TOKEN_COMMENT;

		if (covers && second->token_start < redaction->lexer.token_end &&
			second->token_end > redaction->lexer.token_start &&
			!is_same_token(second, &redaction->lexer))
			return true;
		if (second->token_end >= redaction->lexer.token_end)
			return false;
		if (!hm_lexer_advance(second))
			return false;
	}
}

static Verdict
judge_literal(const Redaction *redaction, HmSecrecy secrecy)
{
	if (secrecy == HM_SECRECY_SECRET || holds_secret(redaction))
		return IS_SECRET;
	if (redaction->after_uescape && token_length(redaction) == strlen("'!'"))
		return STAYS;
	if (!redaction->parsed)
		return IS_DATA;
	if (redaction->literals == HM_LITERALS_HASH &&
		(secrecy == HM_SECRECY_DATA || !redaction->is_schema))
		return IS_DATA;
	return STAYS;
}

static Verdict
judge_comment(const Redaction *redaction)
{
	if (hm_secret_in(token_text(redaction), token_length(redaction)))
		return IS_SECRET;
	return redaction->parsed && redaction->literals == HM_LITERALS_KEEP ?
		STAYS : IS_DATA;
}

/* A name, which can be data only as the value of a setting. */
static Verdict
judge_word(const Redaction *redaction, HmSecrecy secrecy)
{
	if (secrecy == HM_SECRECY_SECRET ||
		(is_quoted_name(redaction) && holds_secret(redaction)))
		return IS_SECRET;
	if (secrecy == HM_SECRECY_DATA &&
		(!redaction->parsed || redaction->literals == HM_LITERALS_HASH))
		return IS_DATA;
	return STAYS;
}

static Verdict
judge_token(Redaction *redaction)
{
	HmSecrecy	secrecy = hm_secret_watch(&redaction->watch,
										  &redaction->lexer);

	if (redaction->reads_twice && is_hidden(redaction))
		return IS_HIDDEN;
	if (hm_lexer_at_literal(&redaction->lexer))
		return judge_literal(redaction, secrecy);
	if (redaction->lexer.kind == HM_TOKEN_COMMENT)
		return judge_comment(redaction);
	if (redaction->lexer.kind == HM_TOKEN_WORD)
		return judge_word(redaction, secrecy);
	return STAYS;
}

static void
append_stored(Redaction *redaction, const char *bytes, int length)
{
	int			room = HM_REDACTED_LIMIT + 1 - redaction->stored.len;

	appendBinaryStringInfo(&redaction->stored, bytes, Min(length, room));
}

static void
append_hashed(Redaction *redaction, const char *bytes, int length)
{
	if (redaction->has_secret)
		appendBinaryStringInfo(&redaction->hashed, bytes, length);
}

/* From the first secret on, what is hashed is not the text itself. */
static void
note_secret(Redaction *redaction)
{
	if (redaction->has_secret)
		return;
	redaction->has_secret = true;
	initStringInfo(&redaction->hashed);
	append_hashed(redaction, redaction->text + redaction->survey.start,
				  redaction->lexer.token_start - redaction->survey.start);
}

/* A comment leaves a blank, so that it still parts what it parted. */
static const char *
comment_placeholder(const Redaction *redaction)
{
	const StringInfoData *stored = &redaction->stored;

	return stored->len > 0 && is_blank(stored->data[stored->len - 1]) ?
		"" : " ";
}

static const char *
placeholder(const Redaction *redaction, Verdict verdict)
{
	if (verdict == IS_HIDDEN)
		return redaction->was_hidden ? "" : STRING_PLACEHOLDER;
	switch (redaction->lexer.kind)
	{
		case HM_TOKEN_COMMENT:
			return comment_placeholder(redaction);
		case HM_TOKEN_WORD:
			return is_quoted_name(redaction) ? NAME_PLACEHOLDER :
				STRING_PLACEHOLDER;
		case HM_TOKEN_NUMBER:
			return NUMBER_PLACEHOLDER;
		case HM_TOKEN_DOLLAR:
			return DOLLAR_PLACEHOLDER;
		default:
			return is_unicode(redaction) ? UNICODE_PLACEHOLDER :
				STRING_PLACEHOLDER;
	}
}

static void
put_token(Redaction *redaction, Verdict verdict)
{
	const char *text = token_text(redaction);
	int			length = token_length(redaction);
	const char *instead = placeholder(redaction, verdict);

	if (verdict == IS_SECRET || verdict == IS_HIDDEN)
		note_secret(redaction);
	if (verdict == STAYS)
		append_stored(redaction, text, length);
	else
		append_stored(redaction, instead, strlen(instead));
	if (verdict == STAYS || verdict == IS_DATA)
		append_hashed(redaction, text, length);
	else
		append_hashed(redaction, instead, strlen(instead));
	redaction->was_hidden = verdict == IS_HIDDEN;
	if (redaction->lexer.kind != HM_TOKEN_BLANK)
		redaction->after_uescape = hm_lexer_at_word(&redaction->lexer,
													"uescape");
}

/*
 * In a text that was not parsed, it cannot be told where a secret without
 * quotes ends; nor, when there is a quote too many or too few, what is inside
 * and what is outside of literals.
 */
static bool
is_lost(const Redaction *redaction, Verdict verdict)
{
	HmTokenKind kind = redaction->lexer.kind;

	if (redaction->parsed)
		return false;
	if (kind == HM_TOKEN_WORD && verdict == IS_SECRET)
		return true;
	return !redaction->survey.sound &&
		(!redaction->lexer.closed || kind == HM_TOKEN_STRING ||
		 kind == HM_TOKEN_DOLLAR);
}

static void
leave_out_rest(Redaction *redaction)
{
	note_secret(redaction);
	append_hashed(redaction, STRING_PLACEHOLDER, strlen(STRING_PLACEHOLDER));
	append_stored(redaction, STRING_PLACEHOLDER, strlen(STRING_PLACEHOLDER));
	append_stored(redaction, HM_REDACTED_LEFT_OUT,
				  strlen(HM_REDACTED_LEFT_OUT));
}

/* Does it make a difference how a backslash is read? */
static bool
readings_differ(const char *text, int start, int end)
{
	HmLexer		first;
	HmLexer		second;

	if (memchr(text + start, '\\', end - start) == NULL)
		return false;
	hm_lexer_begin(&first, text, start, end, true);
	hm_lexer_begin(&second, text, start, end, false);
	while (hm_lexer_advance(&first))
	{
		(void) hm_lexer_advance(&second);
		if (first.token_end != second.token_end)
			return true;
	}
	return false;
}

/*
 * Reads the statement through, and decides how to read a backslash.  A text
 * that was parsed has no open quote if it is read as the parser did.
 */
static void
survey(Redaction *redaction, int start, int end)
{
	HmStatementSurvey *first = &redaction->survey;
	HmStatementSurvey second;
	bool		standard_strings = true;

	hm_statement_survey(first, redaction->text, start, end, true);
	if (readings_differ(redaction->text, start, end))
	{
		hm_statement_survey(&second, redaction->text, start, end, false);
		if (!redaction->parsed || first->closed == second.closed)
		{
			redaction->reads_twice = true;
			first->start = Min(first->start, second.start);
			first->end = Max(first->end, second.end);
		}
		else if (second.closed)
		{
			standard_strings = false;
			*first = second;
		}
	}
	hm_lexer_begin(&redaction->lexer, redaction->text, first->start,
				   first->end, standard_strings);
	hm_lexer_begin(&redaction->second, redaction->text, first->start,
				   first->end, !standard_strings);
}

static void
redact_tokens(Redaction *redaction)
{
	while (hm_lexer_advance(&redaction->lexer))
	{
		Verdict		verdict = judge_token(redaction);

		if (is_lost(redaction, verdict))
		{
			leave_out_rest(redaction);
			return;
		}
		put_token(redaction, verdict);
	}
}

/* Down to the limit, at the end of a character. */
static void
cut(StringInfo stored)
{
	int			room = HM_REDACTED_LIMIT - strlen(HM_REDACTED_CUT);

	if (stored->len <= HM_REDACTED_LIMIT)
		return;
	stored->len = pg_mbcliplen(stored->data, stored->len, room);
	stored->data[stored->len] = '\0';
	appendStringInfoString(stored, HM_REDACTED_CUT);
}

static void
hash_statement(const Redaction *redaction, uint8 *hash)
{
	if (redaction->has_secret)
		hm_hash_bytes(redaction->hashed.data, redaction->hashed.len, hash);
	else
		hm_hash_bytes(redaction->text + redaction->survey.start,
					  redaction->survey.end - redaction->survey.start, hash);
}

char *
hm_redact_statement_as(HmRecordLiterals literals, const char *text,
					   int location, int length, const Node *tree, uint8 *hash)
{
	Redaction	redaction = {0};
	int			start = Max(location, 0);
	int			end = length > 0 ? start + length : (int) strlen(text);

	redaction.text = text;
	redaction.parsed = tree != NULL;
	redaction.literals = literals;
	survey(&redaction, start, end);
	redaction.is_schema = tree != NULL && !redaction.reads_twice &&
		hm_statement_is_schema(tree, &redaction.survey);
	hm_secret_watch_begin(&redaction.watch, redaction.parsed,
						  redaction.is_schema);
	initStringInfo(&redaction.stored);

	redact_tokens(&redaction);
	cut(&redaction.stored);
	if (hash)
		hash_statement(&redaction, hash);
	if (redaction.has_secret)
		pfree(redaction.hashed.data);
	return redaction.stored.data;
}

char *
hm_redact_statement(const char *text, int location, int length,
					const Node *tree, uint8 *hash)
{
	return hm_redact_statement_as(hm_setting_record_literals, text, location,
								  length, tree, hash);
}
