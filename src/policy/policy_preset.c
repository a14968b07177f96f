/*
 * src/policy/policy_preset.c
 *	  Presets: policies to begin with, as data.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "policy/policy_preset.h"
#include "utils/json.h"

#define OWN_APPROVAL \
	"{\"author\": true, \"executor\": true}"
#define OTHERS_APPROVAL \
	"{\"author\": false, \"executor\": true}"
#define THIRD_APPROVAL \
	"{\"author\": false, \"executor\": false}"
#define PHI_ASSESSED \
	"{\"when\": \"phi\", \"roles\": [\"privacy_officer\"]}"
#define NEVER_ASSESSED \
	"{\"when\": \"never\"}"

#define DAYS(days, from, until) \
	"{\"days\": \"" days "\", \"from\": \"" from "\", \"until\": \"" until \
	"\", \"zone\": $zone}"

/* T-7, T-5, T-3 and T-1 of a release. */
#define STAGES \
	"[{\"stage\": \"submission\", \"notice\": \"7 days\"}," \
	" {\"stage\": \"security\", \"notice\": \"5 days\", \"roles\": [\"security_officer\"]}," \
	" {\"stage\": \"stakeholders\", \"notice\": \"3 days\", \"roles\": [\"tech_lead\", \"dba\"]}," \
	" {\"stage\": \"go\", \"notice\": \"1 day\", \"roles\": [\"cto\", \"dba\"]}]"

#define BREAK_GLASS \
	"{\"longest\": \"4 hours\", \"roles\": [\"dba\"], \"ticket\": true, \"review\":" \
	" {\"P0\": \"24 hours\", \"P1\": \"24 hours\", \"P2\": \"24 hours\", \"P3\": \"24 hours\"}}"

/* Whoever may approve approves, his own too, at any time. */
static const HmPresetRow development[] = {
	{"LOW", "approvers", "[[\"*\"]]"},
	{"LOW", "separation", OWN_APPROVAL},
	{"LOW", "validity", "\"30 days\""},
	{"LOW", "windows", "\"always\""},
	{"LOW", "assessment", NEVER_ASSESSED},
	{"LOW", "relay", "false"},
	{"MEDIUM", "approvers", "[[\"*\"]]"},
	{"MEDIUM", "separation", OWN_APPROVAL},
	{"MEDIUM", "validity", "\"30 days\""},
	{"MEDIUM", "windows", "\"always\""},
	{"MEDIUM", "assessment", NEVER_ASSESSED},
	{"MEDIUM", "relay", "false"},
	{"HIGH", "approvers", "[[\"*\"]]"},
	{"HIGH", "separation", OWN_APPROVAL},
	{"HIGH", "validity", "\"30 days\""},
	{"HIGH", "windows", "\"always\""},
	{"HIGH", "assessment", NEVER_ASSESSED},
	{"HIGH", "relay", "false"},
	{"CRITICAL", "approvers", "[[\"*\"]]"},
	{"CRITICAL", "separation", OWN_APPROVAL},
	{"CRITICAL", "validity", "\"30 days\""},
	{"CRITICAL", "windows", "\"always\""},
	{"CRITICAL", "assessment", NEVER_ASSESSED},
	{"CRITICAL", "relay", "false"},
};

/*
 * An approval outlives the longest notice: it may be given on the day of the
 * submission.
 */
static const HmPresetRow hipaa[] = {
	{"LOW", "approvers", "[[\"dba\"]]"},
	{"LOW", "separation", OTHERS_APPROVAL},
	{"LOW", "validity", "\"14 days\""},
	{"LOW", "windows", "[" DAYS("mon-fri", "08:00", "17:00") "]"},
	{"LOW", "assessment", PHI_ASSESSED},
	{"LOW", "relay", "false"},
	{"MEDIUM", "approvers", "[[\"tech_lead\"], [\"dba\"]]"},
	{"MEDIUM", "separation", OTHERS_APPROVAL},
	{"MEDIUM", "validity", "\"14 days\""},
	{"MEDIUM", "windows", "[" DAYS("mon-fri", "18:00", "06:00") ", "
	DAYS("sat,sun", "00:00", "24:00") "]"},
	{"MEDIUM", "assessment", PHI_ASSESSED},
	{"MEDIUM", "relay", "false"},
	{"HIGH", "approvers", "[[\"cto\"], [\"dba\"]]"},
	{"HIGH", "separation", THIRD_APPROVAL},
	{"HIGH", "validity", "\"14 days\""},
	{"HIGH", "stages", STAGES},
	{"HIGH", "windows", "[" DAYS("sat", "22:00", "04:00") "]"},
	{"HIGH", "assessment", PHI_ASSESSED},
	{"HIGH", "relay", "false"},
	{"CRITICAL", "approvers", "[[\"executive\"]]"},
	{"CRITICAL", "separation", THIRD_APPROVAL},
	{"CRITICAL", "validity", "\"14 days\""},
	{"CRITICAL", "stages", STAGES},
	{"CRITICAL", "windows", "[]"},
	{"CRITICAL", "assessment", PHI_ASSESSED},
	{"CRITICAL", "relay", "false"},
	{"ALL", "identity", "{\"registered\": true, \"authn_id\": false}"},
	{"ALL", "two_persons", "true"},
	{"ALL", "break_glass", BREAK_GLASS},
};

static const HmPreset presets[] = {
	{"development", development, lengthof(development), false},
	{"hipaa", hipaa, lengthof(hipaa), true},
	{"none", NULL, 0, false},
};

const HmPreset *
hm_preset_find(const char *name)
{
	for (int i = 0; i < lengthof(presets); i++)
	{
		if (strcmp(presets[i].name, name) == 0)
			return &presets[i];
	}
	return NULL;
}

char *
hm_preset_value(const HmPresetRow *row, const char *zone)
{
	static const char mark[] = "$zone";
	StringInfoData value;
	const char *rest = row->value;
	const char *found;

	initStringInfo(&value);
	while (zone && (found = strstr(rest, mark)) != NULL)
	{
		appendBinaryStringInfo(&value, rest, found - rest);
		escape_json(&value, zone);
		rest = found + strlen(mark);
	}
	appendStringInfoString(&value, rest);
	return value.data;
}
