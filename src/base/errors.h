/*
 * src/base/errors.h
 *	  SQLSTATEs of our own: class MG, so that a program can test for them.
 *
 * docs/errors.md explains each to the people who meet it.
 */
#ifndef HM_BASE_ERRORS_H
#define HM_BASE_ERRORS_H

#define HM_ERRCODE_BLOCKED			MAKE_SQLSTATE('M','G','0','0','1')
#define HM_ERRCODE_CHANGED			MAKE_SQLSTATE('M','G','0','0','2')
#define HM_ERRCODE_CYCLE			MAKE_SQLSTATE('M','G','0','0','3')
#define HM_ERRCODE_DEPENDENTS		MAKE_SQLSTATE('M','G','0','0','4')
#define HM_ERRCODE_RUNNER_BUSY		MAKE_SQLSTATE('M','G','0','0','5')
#define HM_ERRCODE_TEXT_REFUSED		MAKE_SQLSTATE('M','G','0','0','6')
#define HM_ERRCODE_IRREVERSIBLE		MAKE_SQLSTATE('M','G','0','0','7')
#define HM_ERRCODE_NOT_REGISTERED	MAKE_SQLSTATE('M','G','0','0','8')
#define HM_ERRCODE_NOT_APPLIED		MAKE_SQLSTATE('M','G','0','0','9')
#define HM_ERRCODE_NEEDS_DEPLOY		MAKE_SQLSTATE('M','G','0','1','0')
#define HM_ERRCODE_SESSION			MAKE_SQLSTATE('M','G','0','1','1')
#define HM_ERRCODE_FILE				MAKE_SQLSTATE('M','G','0','1','2')
#define HM_ERRCODE_DOOR				MAKE_SQLSTATE('M','G','0','1','3')
#define HM_ERRCODE_GUARD			MAKE_SQLSTATE('M','G','0','1','4')
#define HM_ERRCODE_NOT_GUARDED		MAKE_SQLSTATE('M','G','0','1','5')
#define HM_ERRCODE_DIFFERS			MAKE_SQLSTATE('M','G','0','1','6')
#define HM_ERRCODE_FORBIDDEN		MAKE_SQLSTATE('M','G','0','1','7')
#define HM_ERRCODE_NOT_APPROVED		MAKE_SQLSTATE('M','G','0','1','8')
#define HM_ERRCODE_NOT_NOW			MAKE_SQLSTATE('M','G','0','1','9')
#define HM_ERRCODE_NO_APPROVER		MAKE_SQLSTATE('M','G','0','2','0')

#endif							/* HM_BASE_ERRORS_H */
