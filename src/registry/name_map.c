/*
 * src/registry/name_map.c
 *	  From the names of other tools to the registry's.
 */
#include "postgres.h"

#include "base/hash.h"
#include "lib/stringinfo.h"
#include "registry/name.h"
#include "registry/name_map.h"

#define VERSION_DIGITS 14
#define MILLISECOND_DIGITS 17
#define FRACTION_DIGITS 18		/* with four digits of a second, as diesel's */
#define MAJOR_DIGITS 5			/* of a dotted version's first part */
#define MINOR_DIGITS 3			/* of its further parts, as a rule */
#define HASH_DIGITS 8

/*
 * Begins what follows the 14 digits of a version that has more.  Without
 * them comes first: z sorts behind the words that follow there.
 */
#define MORE "-z"

#define NO_WORDS "migration"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c);
}

static int
count_digits(const char *string)
{
	int			count = 0;

	while (is_digit(string[count]))
		count++;
	return count;
}

bool
hm_name_map_is_strict(const char *name)
{
	char		before = '-';

	if (count_digits(name) != VERSION_DIGITS || name[VERSION_DIGITS] != '-' ||
		strlen(name) > HM_NAME_MAX_BYTES)
		return false;
	for (const char *c = name + VERSION_DIGITS + 1; *c; before = *c++)
	{
		if (!is_word_character(*c) && (*c != '-' || before == '-'))
			return false;
	}
	return before != '-';
}

/* Appends text as lower-case words joined by single dashes. */
static void
append_words(StringInfo name, const char *text)
{
	int			start = name->len;
	bool		gap = false;

	for (const char *c = text; *c; c++)
	{
		char		lower = (*c >= 'A' && *c <= 'Z') ? *c - 'A' + 'a' : *c;

		if (!is_word_character(lower))
		{
			gap = true;
			continue;
		}
		if (gap && name->len > start)
			appendStringInfoChar(name, '-');
		gap = false;
		appendStringInfoChar(name, lower);
	}
	if (name->len == start)
		appendStringInfoString(name, NO_WORDS);
}

/* Two long names may begin alike: the hash of the whole tells them apart. */
static void
cut(StringInfo name, const char *original)
{
	HmHash	   *hash;
	uint8		digest[HM_HASH_LENGTH];

	if (name->len <= HM_NAME_MAX_BYTES)
		return;
	name->len = HM_NAME_MAX_BYTES - HASH_DIGITS - 1;
	while (name->data[name->len - 1] == '-')
		name->len--;
	hash = hm_hash_begin("hipaa_migrate name 1");
	hm_hash_append_text(hash, 1, original);
	hm_hash_end(hash, digest);
	appendStringInfo(name, "-%s", hm_hash_to_hex(digest, HASH_DIGITS / 2));
}

char *
hm_name_map_join(const char *digits, const char *words, const char *original)
{
	StringInfoData name;

	initStringInfo(&name);
	appendStringInfo(&name, "%s-", digits);
	append_words(&name, words);
	cut(&name, original);
	return name.data;
}

/* Pads to the left: 3 is 00000000000003. */
static char *
pad_version(const char *version, const char **problem)
{
	static const char zeros[] = "00000000000000";
	int			length = strlen(version);

	if (length > VERSION_DIGITS)
	{
		*problem = psprintf("Version %s has %d digits; at most %d, or %d or %d for a time stamp with fractions of a second, can be kept in order.",
							version, length, VERSION_DIGITS,
							MILLISECOND_DIGITS, FRACTION_DIGITS);
		return NULL;
	}
	return psprintf("%s%s", zeros + length, version);
}

/* 2025-01-03-000000_name and the like: where the version ends. */
static int
dashed_version_length(const char *stem)
{
	static const char *const shapes[] = {
		"dddd-dd-dd-dddddd-dddd_", "dddd-dd-dd-dddddd_", "dddd-dd-dd_"
	};

	for (int i = 0; i < lengthof(shapes); i++)
	{
		const char *shape = shapes[i];
		int			n = 0;

		while (shape[n] &&
			   (shape[n] == 'd' ? is_digit(stem[n]) : stem[n] == shape[n]))
			n++;
		if (shape[n] == '\0')
			return n - 1;
	}
	return 0;
}

static int
version_length(const char *stem)
{
	int			dashed = dashed_version_length(stem);

	return dashed > 0 ? dashed : count_digits(stem);
}

char *
hm_name_map_version(const char *stem)
{
	int			length = version_length(stem);
	StringInfoData version;

	if (length == 0)
		return NULL;
	initStringInfo(&version);
	for (int i = 0; i < length; i++)
	{
		if (is_digit(stem[i]))
			appendStringInfoChar(&version, stem[i]);
	}
	return version.data;
}

char *
hm_name_map_stem(const char *stem, const char **problem)
{
	const char *words = stem + version_length(stem);
	char	   *version = hm_name_map_version(stem);
	char	   *digits;

	if (hm_name_map_is_strict(stem) || version == NULL)
		return pstrdup(stem);
	if (strlen(version) == MILLISECOND_DIGITS ||
		strlen(version) == FRACTION_DIGITS)
	{
		digits = psprintf("%.*s" MORE "%s", VERSION_DIGITS, version,
						  version + VERSION_DIGITS);
		return hm_name_map_join(digits, words, stem);
	}
	digits = pad_version(version, problem);
	return digits ? hm_name_map_join(digits, words, stem) : NULL;
}

int
hm_name_map_compare_digits(const char *a, const char *b)
{
	size_t		a_length,
				b_length;

	a += strspn(a, "0");
	b += strspn(b, "0");
	a_length = strlen(a);
	b_length = strlen(b);
	if (a_length != b_length)
		return a_length < b_length ? -1 : 1;
	return strcmp(a, b);
}

static void
append_padded(StringInfo digits, const char *part, int length, int width)
{
	for (int i = length; i < width; i++)
		appendStringInfoChar(digits, '0');
	appendBinaryStringInfo(digits, part, length);
}

/*
 * 1.2.3 is 00001 002 003 000: five digits, then three for each further part,
 * filled up with zeros.  A first part of six digits and more, a date as a
 * rule, stays as it is: 20250103.2 is 20250103 002 000.  From the first part
 * for which there is no room, all follow behind, three or 14 digits each.
 * NULL if a part has more than 14.
 */
static char *
dotted_digits(const char *version)
{
	StringInfoData digits;
	StringInfoData rest;

	initStringInfo(&digits);
	initStringInfo(&rest);
	while (*version)
	{
		int			zeros = strspn(version, "0");
		const char *part = version + zeros;
		int			length = count_digits(part);
		int			width = digits.len == 0 ?
		Max(length, MAJOR_DIGITS) : MINOR_DIGITS;

		if (length > VERSION_DIGITS)
			return NULL;
		if (rest.len == 0 && length <= width &&
			digits.len + width <= VERSION_DIGITS)
			append_padded(&digits, part, length, width);
		else
		{
			appendStringInfoString(&rest, MORE);
			append_padded(&rest, part, length,
						  length <= MINOR_DIGITS ? MINOR_DIGITS :
						  VERSION_DIGITS);
		}
		version = part + length + (part[length] ? 1 : 0);
	}
	while (digits.len < VERSION_DIGITS)
		appendStringInfoChar(&digits, '0');
	return psprintf("%s%s", digits.data, rest.data);
}

char *
hm_name_map_dotted(const char *version, const char *words,
				   const char *original, const char **problem)
{
	char	   *digits = dotted_digits(version);

	if (digits == NULL)
	{
		*problem = psprintf("A part of version %s has more than %d digits.",
							version, VERSION_DIGITS);
		return NULL;
	}
	return hm_name_map_join(digits, words, original);
}

char *
hm_name_map_repeatable(const char *words, const char *original)
{
	return hm_name_map_join(HM_NAME_REPEATABLE, words, original);
}

char *
hm_name_map_nth(const char *stem, int n, const char *words,
				const char **problem)
{
	char	   *version = hm_name_map_version(stem);
	char	   *digits = pad_version(version ? version : "0", problem);

	if (digits == NULL)
		return NULL;
	if (n > 9999)
	{
		*problem = "A file can hold at most 9999 changesets.";
		return NULL;
	}
	return hm_name_map_join(psprintf("%s-%04d", digits, n), words,
							psprintf("%s:%s", stem, words));
}
