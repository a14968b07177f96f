/*
 * src/lint/phi_name.c
 *	  Names that look like those of health information.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lint/phi_name.h"
#include "nodes/value.h"
#include "utils/lsyscache.h"

/* More words no name of 63 bytes has. */
#define MAX_WORDS 32

typedef struct Words
{
	int			count;
	char		words[MAX_WORDS][NAMEDATALEN];	/* lower case */
} Words;

/* Words in a row that are joined by spaces. */
static const char *const telling[] = {
	"allergies", "allergy", "biometric", "biometrics", "birth date",
	"birth day", "birthdate", "birthday", "blood type", "date of birth",
	"diagnoses", "diagnosis", "disability", "dob", "driver license",
	"drivers license", "emergency contact", "health condition",
	"health plan", "hiv", "icd", "immunization", "immunizations",
	"insurance", "lab result", "lab results", "maiden name", "medicaid",
	"medical history", "medical record", "medicare", "medication",
	"medications", "mrn", "passport number", "pregnancy", "prescription",
	"prescriptions", "social security", "ssn", "vaccination", "vaccinations"
};

/* Only where text is kept: else it is a flag, a time or a number of them. */
static const char *const telling_as_text[] = {
	"address", "email", "fax", "first name", "full name", "home address",
	"last name", "mobile", "phone", "postal code", "postcode", "street",
	"telephone", "zip code", "zipcode"
};

/* Not of a person, when it is the last word. */
static const char *const telling_nothing[] = {
	"body", "count", "domain", "enabled", "format", "hash", "host", "id",
	"key", "limit", "limits", "port", "preference", "preferences", "provider",
	"quota", "server", "setting", "settings", "status", "subject", "template",
	"type", "url", "verified"
};

static const char *const telling_tables[] = {
	"allergies", "allergy", "diagnoses", "diagnosis", "immunization",
	"immunizations", "lab result", "lab results", "medical record",
	"medical records", "medication", "medications", "patient", "patients",
	"prescription", "prescriptions", "vaccination", "vaccinations"
};

static bool
begins_word(const char *name, int i)
{
	if (i == 0)
		return true;
	return isupper((unsigned char) name[i]) &&
		(islower((unsigned char) name[i - 1]) ||
		 (isupper((unsigned char) name[i - 1]) &&
		  islower((unsigned char) name[i + 1])));
}

/* patient_ssn, patientSSN and ssn2 are all "ssn" in the end. */
static void
split(const char *name, Words *words)
{
	int			length = 0;

	words->count = 0;
	for (int i = 0; name[i] != '\0'; i++)
	{
		bool		letter = isalpha((unsigned char) name[i]);

		if (length > 0 && (!letter || begins_word(name, i)))
		{
			words->words[words->count++][length] = '\0';
			length = 0;
			if (words->count == MAX_WORDS)
				return;
		}
		if (letter && length < NAMEDATALEN - 1)
			words->words[words->count][length++] =
				pg_tolower((unsigned char) name[i]);
	}
	if (length > 0)
		words->words[words->count++][length] = '\0';
}

/* The phrase's words stand there, from that one on. */
static bool
stands_at(const Words *words, int at, const char *phrase)
{
	while (at < words->count)
	{
		size_t		length = strlen(words->words[at]);

		if (strncmp(phrase, words->words[at], length) != 0)
			return false;
		phrase += length;
		if (*phrase == '\0')
			return true;
		if (*phrase++ != ' ')
			return false;
		at++;
	}
	return false;
}

static bool
has_any(const Words *words, const char *const *phrases, int count)
{
	for (int i = 0; i < words->count; i++)
	{
		for (int j = 0; j < count; j++)
		{
			if (stands_at(words, i, phrases[j]))
				return true;
		}
	}
	return false;
}

static bool
ends_with_any(const Words *words, const char *const *endings, int count)
{
	for (int i = 0; words->count > 0 && i < count; i++)
	{
		if (strcmp(words->words[words->count - 1], endings[i]) == 0)
			return true;
	}
	return false;
}

/* As far as it is known; a type of somebody's own may well be text. */
static bool
may_be_text(const HmColumn *column)
{
	static const char *const others[] = {
		"bool", "date", "float4", "float8", "int2", "int4", "int8",
		"interval", "money", "numeric", "time", "timestamp", "timestamptz",
		"uuid"
	};
	char		category;
	bool		preferred;

	if (OidIsValid(column->type))
	{
		get_type_category_preferred(column->type, &category, &preferred);
		return category == TYPCATEGORY_STRING ||
			category == TYPCATEGORY_USER;
	}
	if (column->type_name == NULL || column->type_name->names == NIL)
		return true;
	for (int i = 0; i < lengthof(others); i++)
	{
		if (strcmp(strVal(llast(column->type_name->names)), others[i]) == 0)
			return false;
	}
	return true;
}

bool
hm_phi_column_looks(const HmColumn *column)
{
	Words		words;

	split(column->name, &words);
	if (ends_with_any(&words, telling_nothing, lengthof(telling_nothing)))
		return false;
	if (has_any(&words, telling, lengthof(telling)))
		return true;
	return may_be_text(column) &&
		has_any(&words, telling_as_text, lengthof(telling_as_text));
}

bool
hm_phi_table_looks(const char *name)
{
	Words		words;

	split(name, &words);
	return has_any(&words, telling_tables, lengthof(telling_tables)) &&
		!ends_with_any(&words, telling_nothing, lengthof(telling_nothing));
}
