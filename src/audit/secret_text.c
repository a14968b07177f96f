/*
 * src/audit/secret_text.c
 *	  What a secret looks like inside a text.
 */
#include "postgres.h"

#include "audit/secret_text.h"

/* Parts of the names that people give to secrets, in lower case. */
static const char *const secret_words[] = {
	"password", "passwd", "passcode", "passphrase", "pwd", "secret", "token",
	"apikey", "api_key", "access_key", "private_key", "encryption_key",
	"credential", "conninfo"
};

/* Inside a text these name one too; in a statement they are keywords. */
static const char *const header_words[] = {
	"authorization", "identified by"
};

/* What is a secret wherever it stands. */
static const char *const secret_marks[] = {
	"scram-sha-256$", "private key-----", "bearer "
};

/* The first characters of all of these, and of "://". */
static const char first_chars[] = "pstaecib:";

/* No secret word is shorter. */
#define MIN_WORD 3

/* How much may stand between a name and its value. */
#define MAX_BETWEEN 64

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool
is_name_char(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Every character of every name that goes on record comes by here. */
static inline bool
begins_secret_word(char c)
{
	switch (c | 0x20)
	{
		case 'p':
		case 's':
		case 't':
		case 'a':
		case 'e':
		case 'c':
			return true;
		default:
			return false;
	}
}

/* Length of the prefix, or 0 if text does not begin with it. */
static int
prefix_length(const char *text, int length, const char *prefix)
{
	int			at = 0;

	for (; prefix[at]; at++)
	{
		if (at >= length || lower(text[at]) != prefix[at])
			return 0;
	}
	return at;
}

static int
any_prefix_length(const char *text, int length, const char *const *prefixes,
				  int count)
{
	char		first = length > 0 ? lower(text[0]) : '\0';

	for (int i = 0; i < count; i++)
	{
		int			found = prefixes[i][0] != first ? 0 :
		prefix_length(text, length, prefixes[i]);

		if (found > 0)
			return found;
	}
	return 0;
}

static int
secret_word_length(const char *text, int length)
{
	return any_prefix_length(text, length, secret_words,
							 lengthof(secret_words));
}

/*
 * Behind a secret's name: does a value follow?  The end of the text does not
 * count, nor does a blank alone: "the password of the user" is prose.
 */
static bool
value_follows(const char *text, int length)
{
	int			at = 0;

	length = Min(length, MAX_BETWEEN);
	while (at < length && is_name_char(text[at]))
		at++;
	if (at < length && (text[at] == '"' || text[at] == '\\'))
		at++;
	while (at < length && is_blank(text[at]))
		at++;
	return at < length && strchr("=:'$%|\"", text[at]) != NULL;
}

/* Behind "://": user:password@ */
static bool
userinfo_follows(const char *text, int length)
{
	bool		colon = false;

	for (int at = 0; at < length; at++)
	{
		char		c = text[at];

		if (c == '@')
			return colon;
		if (c == '/' || c == '?' || c == '#' || c == '\'' || is_blank(c))
			return false;
		colon |= c == ':';
	}
	return false;
}

/* The whole text is md5 and 32 hexadecimal digits. */
static bool
is_md5_verifier(const char *text, int length)
{
	return length == 35 && prefix_length(text, length, "md5") > 0 &&
		strspn(text + 3, "0123456789abcdefABCDEF") >= 32;
}

static bool
secret_begins(const char *text, int length)
{
	int			word = secret_word_length(text, length);

	if (word == 0)
		word = any_prefix_length(text, length, header_words,
								 lengthof(header_words));
	if (word > 0 && value_follows(text + word, length - word))
		return true;
	if (prefix_length(text, length, "://") > 0)
		return userinfo_follows(text + 3, length - 3);
	return any_prefix_length(text, length, secret_marks,
							 lengthof(secret_marks)) > 0;
}

bool
hm_secret_in(const char *text, int length)
{
	if (is_md5_verifier(text, length))
		return true;
	for (int at = 0; at < length; at++)
	{
		if (strchr(first_chars, lower(text[at])) != NULL &&
			secret_begins(text + at, length - at))
			return true;
	}
	return false;
}

bool
hm_secret_is_name(const char *name, int length)
{
	if (length == strlen("password_encryption") &&
		prefix_length(name, length, "password_encryption") > 0)
		return false;
	for (int at = 0; at + MIN_WORD <= length; at++)
	{
		if (begins_secret_word(name[at]) &&
			secret_word_length(name + at, length - at) > 0)
			return true;
	}
	return false;
}

bool
hm_secret_ends_with_name(const char *text, int length)
{
	int			start;

	while (length > 0 && !is_name_char(text[length - 1]))
		length--;
	start = length;
	while (start > 0 && is_name_char(text[start - 1]))
		start--;
	return hm_secret_is_name(text + start, length - start);
}
