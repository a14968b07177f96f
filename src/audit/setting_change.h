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

#endif							/* HM_AUDIT_SETTING_CHANGE_H */
