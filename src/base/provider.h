/*
 * src/base/provider.h
 *	  The name under which security labels of ours are kept.
 *
 * On databases they say what is guarded (guard/label.h), on tables and columns
 * whether they hold health information (lint/phi.h).
 */
#ifndef HM_BASE_PROVIDER_H
#define HM_BASE_PROVIDER_H

#define HM_LABEL_PROVIDER "hipaa_migrate"

#endif							/* HM_BASE_PROVIDER_H */
