/*
 * src/guard/command_row.h
 *	  Private to command*.c: the table of all commands.
 *
 * A command is called by its tag.  Where what it does depends on an option or
 * on what it names, so that its class or its reach does too, it has another
 * word behind the tag, so that every name has one class: an exemption for
 * ALTER ROLE is none for ALTER ROLE DANGEROUS.
 */
#ifndef HM_GUARD_COMMAND_ROW_H
#define HM_GUARD_COMMAND_ROW_H

#include "guard/class.h"
#include "tcop/cmdtag.h"

typedef enum HmCommandVariant
{
	HM_VARIANT_PLAIN,
	HM_VARIANT_ARMED,			/* names an armed database */
	HM_VARIANT_CATALOG,			/* writes into a system catalog */
	HM_VARIANT_DANGEROUS,
	HM_VARIANT_FILE,			/* of the server */
	HM_VARIANT_FULL,
	HM_VARIANT_MEMBERS,			/* who belongs to a role */
	HM_VARIANT_OURS,			/* this extension */
	HM_VARIANT_PROGRAM,			/* run by the server */
	HM_VARIANT_SHARED			/* names what all databases share */
} HmCommandVariant;

typedef struct HmCommandRow
{
	const char *name;
	HmGuardClass class;
	bool		shared;
	bool		known;			/* false: all that is known is its tag */
	const char *remark;
} HmCommandRow;

extern HmCommandRow hm_command_row(CommandTag tag, HmCommandVariant variant);

#endif							/* HM_GUARD_COMMAND_ROW_H */
