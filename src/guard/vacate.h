/*
 * src/guard/vacate.h
 *	  Our own workers are connections, and some commands want none.
 */
#ifndef HM_GUARD_VACATE_H
#define HM_GUARD_VACATE_H

#include "nodes/nodes.h"

/*
 * The database that the command wants for itself, or as a template, if the
 * current user may run it at all; else InvalidOid.  DROP and ALTER DATABASE
 * RENAME or SET TABLESPACE want it, and CREATE DATABASE the template.
 */
extern Oid	hm_vacate_whom(Node *command);

#endif							/* HM_GUARD_VACATE_H */
