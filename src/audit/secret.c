/*
 * src/audit/secret.c
 *	  Which tokens of a statement are secrets, told by what stands before
 *	  them.
 */
#include "postgres.h"

#include "audit/secret.h"
#include "audit/secret_text.h"

#define MAX_DEPTH 63			/* deeper lists count as one */

static const char *
token_text(const HmLexer *lexer)
{
	return lexer->text + lexer->token_start;
}

static int
token_length(const HmLexer *lexer)
{
	return lexer->token_end - lexer->token_start;
}

static uint64
bit_of(int depth)
{
	return UINT64CONST(1) << Min(depth, MAX_DEPTH);
}

static uint64
bits_from(int depth)
{
	return ~(bit_of(depth) - 1);
}

/* The secret names at this depth are those of one item of a list no more. */
static void
end_item(HmSecretWatch *watch)
{
	watch->secret_items &= ~bits_from(watch->depth);
}

void
hm_secret_watch_begin(HmSecretWatch *watch, bool parsed, bool is_schema)
{
	memset(watch, 0, sizeof(*watch));
	watch->parsed = parsed;
	watch->is_schema = is_schema;
	watch->statement_begins = true;
}

/* A setting whose value is a command line or a connection string. */
static bool
names_command(const HmLexer *lexer)
{
	static const char suffix[] = "_command";
	int			length = token_length(lexer);
	int			suffix_length = strlen(suffix);

	if (token_text(lexer)[length - 1] == '"')
		length--;
	return length >= suffix_length &&
		pg_strncasecmp(token_text(lexer) + length - suffix_length, suffix,
					   suffix_length) == 0;
}

/* Settings of extensions and of applications may hold keys. */
static bool
names_key(const HmLexer *lexer)
{
	int			length = token_length(lexer);

	if (token_text(lexer)[length - 1] == '"')
		length--;
	return length >= 3 &&
		pg_strncasecmp(token_text(lexer) + length - 3, "key", 3) == 0;
}

static void
add_to_set_name(HmSecretWatch *watch, const HmLexer *lexer)
{
	if (!watch->set_after_dot)
	{
		watch->set_has_dot = false;
		watch->set_is_secret = false;
		watch->set_is_ours = hm_lexer_at_word(lexer, "hipaa_migrate") ||
			hm_lexer_at_word(lexer, "\"hipaa_migrate\"");
	}
	watch->set_after_dot = false;
	watch->set_is_secret |= names_command(lexer) ||
		(watch->set_has_dot && names_key(lexer)) ||
		hm_secret_is_name(token_text(lexer), token_length(lexer));
}

/* SET name, or ALTER ... SET name: from the word SET to = or TO. */
static void
follow_set_name(HmSecretWatch *watch, const HmLexer *lexer)
{
	if (hm_lexer_at_sign(lexer, '=') || hm_lexer_at_word(lexer, "to"))
		watch->set_place = HM_SET_VALUE;
	else if (hm_lexer_at_sign(lexer, '.'))
		watch->set_has_dot = watch->set_after_dot = true;
	else if (lexer->kind == HM_TOKEN_WORD)
		add_to_set_name(watch, lexer);
	else
		watch->set_place = HM_SET_NOWHERE;
}

static bool
is_set_value(const HmLexer *lexer)
{
	return hm_lexer_at_literal(lexer) ||
		(lexer->kind == HM_TOKEN_WORD && !hm_lexer_at_word(lexer, "default"));
}

static HmSecrecy
judge_set_value(HmSecretWatch *watch, const HmLexer *lexer)
{
	if (hm_lexer_at_sign(lexer, '-') || hm_lexer_at_sign(lexer, '+'))
		return HM_SECRECY_NONE;
	if (!is_set_value(lexer))
	{
		watch->set_place = HM_SET_NOWHERE;
		return HM_SECRECY_NONE;
	}
	watch->set_place = HM_SET_AFTER_VALUE;
	if (watch->set_is_secret)
		return HM_SECRECY_SECRET;
	return watch->set_has_dot && !watch->set_is_ours ?
		HM_SECRECY_DATA : HM_SECRECY_NONE;
}

static HmSecrecy
follow_set(HmSecretWatch *watch, const HmLexer *lexer)
{
	HmSecrecy	secrecy = HM_SECRECY_NONE;

	switch (watch->set_place)
	{
		case HM_SET_NAME:
			follow_set_name(watch, lexer);
			break;
		case HM_SET_VALUE:
			secrecy = judge_set_value(watch, lexer);
			break;
		case HM_SET_AFTER_VALUE:
			watch->set_place = hm_lexer_at_sign(lexer, ',') ?
				HM_SET_VALUE : HM_SET_NOWHERE;
			break;
		case HM_SET_NOWHERE:
			break;
	}
	if (watch->set_place == HM_SET_NOWHERE && watch->may_set &&
		hm_lexer_at_word(lexer, "set"))
	{
		watch->set_place = HM_SET_NAME;
		watch->set_after_dot = false;
	}
	return secrecy;
}

/* Words after which a string is a secret though they do not say so. */
static bool
announces_secret(const HmLexer *lexer)
{
	return hm_lexer_at_word(lexer, "connection") ||
		hm_lexer_at_word(lexer, "program");
}

static void
follow_word(HmSecretWatch *watch, const HmLexer *lexer)
{
	uint64		item = bit_of(watch->depth);

	if (watch->statement_begins)
		watch->may_set = hm_lexer_at_word(lexer, "set") ||
			hm_lexer_at_word(lexer, "alter") ||
			hm_lexer_at_word(lexer, "create");
	watch->options_word = hm_lexer_at_word(lexer, "options");
	if (watch->expects == HM_EXPECT_AFTER_WORD &&
		hm_lexer_at_word(lexer, "to"))
		return;
	watch->expects = HM_EXPECT_NOTHING;
	if (announces_secret(lexer))
		watch->expects = HM_EXPECT_AFTER_WORD;
	else if (hm_secret_is_name(token_text(lexer), token_length(lexer)))
	{
		watch->expects = HM_EXPECT_AFTER_WORD;
		watch->secret_items |= item;
	}
	else if (hm_lexer_at_word(lexer, "default") &&
			 (watch->secret_items & item) != 0)
		watch->expects = HM_EXPECT_AFTER_WORD;
}

static void
open_parenthesis(HmSecretWatch *watch)
{
	watch->depth++;
	end_item(watch);
	if (watch->options_word && watch->options_depth == 0)
		watch->options_depth = watch->depth;
}

static void
close_parenthesis(HmSecretWatch *watch)
{
	end_item(watch);
	if (watch->options_depth == watch->depth)
		watch->options_depth = 0;
	watch->depth = Max(watch->depth - 1, 0);
}

/* What may stand between a name and its value. */
static bool
joins_value(const HmSecretWatch *watch, char sign)
{
	if (watch->expects == HM_EXPECT_AFTER_KEY)
		return strchr(",=:>|", sign) != NULL;
	return strchr("=:>(", sign) != NULL;
}

static void
follow_sign(HmSecretWatch *watch, const HmLexer *lexer)
{
	char		sign = *token_text(lexer);

	if (!joins_value(watch, sign))
		watch->expects = HM_EXPECT_NOTHING;
	if (sign == '(')
		open_parenthesis(watch);
	else if (sign == ')')
		close_parenthesis(watch);
	else if (sign == ',')
		end_item(watch);
	watch->options_word = false;
}

static HmSecrecy
judge_literal(HmSecretWatch *watch, const HmLexer *lexer)
{
	bool		is_number = lexer->kind == HM_TOKEN_NUMBER;
	bool		expected = watch->expects != HM_EXPECT_NOTHING;
	bool		in_item = (watch->secret_items & bits_from(1)) != 0;

	watch->options_word = false;
	watch->expects = HM_EXPECT_NOTHING;
	if (!watch->is_schema && !is_number &&
		hm_secret_ends_with_name(token_text(lexer), token_length(lexer)))
		watch->expects = HM_EXPECT_AFTER_KEY;
	if (expected)
		return HM_SECRECY_SECRET;
	if (!is_number && (in_item || watch->options_depth > 0))
		return HM_SECRECY_SECRET;
	return HM_SECRECY_NONE;
}

/* CREATE USER u PASSWORD x: no statement, but somebody's password. */
static bool
lacks_quotes(const HmSecretWatch *watch, const HmLexer *lexer)
{
	return !watch->parsed && watch->may_set &&
		watch->expects == HM_EXPECT_AFTER_WORD &&
		!hm_lexer_at_word(lexer, "null");
}

static HmSecrecy
follow_expectation(HmSecretWatch *watch, const HmLexer *lexer)
{
	HmSecrecy	secrecy = HM_SECRECY_NONE;

	if (hm_lexer_at_literal(lexer))
		secrecy = judge_literal(watch, lexer);
	else if (lexer->kind == HM_TOKEN_WORD)
	{
		if (lacks_quotes(watch, lexer))
			secrecy = HM_SECRECY_SECRET;
		follow_word(watch, lexer);
	}
	else
		follow_sign(watch, lexer);
	return secrecy;
}

HmSecrecy
hm_secret_watch(HmSecretWatch *watch, const HmLexer *lexer)
{
	HmSecrecy	by_name;
	HmSecrecy	by_setting;

	if (lexer->kind == HM_TOKEN_BLANK || lexer->kind == HM_TOKEN_COMMENT ||
		lexer->kind == HM_TOKEN_END)
		return HM_SECRECY_NONE;
	if (hm_lexer_at_sign(lexer, ';'))
	{
		hm_secret_watch_begin(watch, watch->parsed, watch->is_schema);
		return HM_SECRECY_NONE;
	}
	by_name = follow_expectation(watch, lexer);
	watch->statement_begins = false;
	by_setting = follow_set(watch, lexer);
	return Max(by_name, by_setting);
}
