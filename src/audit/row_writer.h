/*
 * src/audit/row_writer.h
 *	  Inserts rows into a table of ours, past the executor: no rule, trigger,
 *	  default, CHECK or row security comes into it.
 *
 * Rows go to the end of the table, in the order they are added.  They are
 * written many at a time: what values point to must stay until
 * hm_writer_close().
 */
#ifndef HM_AUDIT_ROW_WRITER_H
#define HM_AUDIT_ROW_WRITER_H

#include "audit/relations.h"

typedef struct HmWriter HmWriter;

/*
 * Locks the table until the end of the transaction.  Rows have values for its
 * first so many columns; those that a later version has added are null.
 */
extern HmWriter *hm_writer_open(HmRelation table, int columns);
extern void hm_writer_add(HmWriter *writer, const Datum *values,
						  const bool *nulls);
extern void hm_writer_close(HmWriter *writer);

#endif							/* HM_AUDIT_ROW_WRITER_H */
