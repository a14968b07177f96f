/*
 * src/audit/setting_change.h
 *	  Settings hipaa_migrate.* that change: in a session, or in the files.
 *
 * A session's changes, by SET, set_config() or a function's SET clause, are
 * noticed as its transaction commits and go to the recorder.  Those of the
 * configuration files, which reach every session, are noticed once, by the
 * sealer, also when the server was down meanwhile.
 */
#ifndef HM_AUDIT_SETTING_CHANGE_H
#define HM_AUDIT_SETTING_CHANGE_H

extern void hm_setting_change_init(void);

/*
 * For the sealer, outside a transaction: records what the files changed
 * since it was last called in this database.  Costs nothing until they are
 * read again.
 */
extern void hm_setting_change_look(void);

#endif							/* HM_AUDIT_SETTING_CHANGE_H */
