/*
 * src/audit/export.h
 *	  The record as lines of JSON that can be verified without PostgreSQL.
 *
 * docs/audit_export.md specifies the lines.  They are produced as they are
 * asked for, some dozens of events at a time, all with the caller's snapshot;
 * what is held in memory is a sixteenth of the leaf hashes of one epoch.
 *
 * What contradicts itself is exported as it is found: to judge it is for the
 * program that verifies.
 */
#ifndef HM_AUDIT_EXPORT_H
#define HM_AUDIT_EXPORT_H

#include "utils/jsonb.h"
#include "utils/timestamp.h"

/* No limit of time: DT_NOBEGIN, DT_NOEND. */
typedef struct HmExportOptions
{
	TimestampTz since;			/* blocks sealed, or that hold an event, from */
	TimestampTz until;			/* here on, and before here */
	Jsonb	   *digest;			/* whose blocks to prove, or an array; or NULL */
} HmExportOptions;

typedef struct HmExport HmExport;

/* In the current memory context, which must live as long as the export. */
extern HmExport *hm_export_begin(const HmExportOptions *options);

/* The next line, without its end, valid until the next call; NULL: no more. */
extern const char *hm_export_next(HmExport *export);

/* Needed also when not all lines were asked for, but not after an error. */
extern void hm_export_end(HmExport *export);

#endif							/* HM_AUDIT_EXPORT_H */
