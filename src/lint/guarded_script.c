/*
 * src/lint/guarded_script.c
 *	  Guarded forms of whole scripts: at registration, and before a run.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/errors.h"
#include "base/settings.h"
#include "lint/guarded_rewrite.h"
#include "registry/content.h"
#include "tcop/utility.h"

HM_NORETURN static void
refuse(const HmScript *script, int index, const HmGuardedForm *form,
	   const char *problem)
{
	const HmScriptStatement *statement = &script->statements[index];

	ereport(ERROR,
			(errcode(HM_ERRCODE_NOT_GUARDED),
			 errmsg("%s is not in its guarded form",
					CreateCommandName(statement->raw->stmt)),
			 problem ? errdetail("%s.", problem) :
			 errdetail("Rule %s asks for %s.", form->rule,
					   hm_guarded_form_name(form->kind)),
			 hm_guarded_hint(form),
			 errcontext("%s, statement %d, line %d",
						hm_script_origin_display(&script->origin),
						index + 1, statement->line)));
}

int
hm_guarded_hint(const HmGuardedForm *form)
{
	if (form->kind == HM_FORM_BLOCK)
		return errhint("Write it as SELECT hipaa_migrate.guarded('...');, or in a block with an exception handler.");
	return errhint("Write it with %s.", hm_guarded_form_name(form->kind));
}

void
hm_guarded_require(const HmScript *script, int waived)
{
	HmGuardedForm form;

	for (int i = 0; i < script->nstatements; i++)
	{
		if (hm_guarded_form_missing_but(script->statements[i].raw->stmt,
										waived, &form))
			refuse(script, i, &form, form.impossible);
	}
}

/*
 * The whole text with each statement in its guarded form, or NULL when
 * nothing changes.  Raises when one cannot be written so.
 */
static char *
rewrite_script(const HmScript *script)
{
	StringInfoData text;
	int			at = 0;

	initStringInfo(&text);
	for (int i = 0; i < script->nstatements; i++)
	{
		const HmScriptStatement *statement = &script->statements[i];
		const char *problem;
		char	   *guarded = hm_guarded_rewrite(script, i, &problem);
		HmGuardedForm form;

		CHECK_FOR_INTERRUPTS();
		if (problem && hm_guarded_form_missing(statement->raw->stmt, &form))
			refuse(script, i, &form, problem);
		if (guarded == NULL)
			continue;
		appendBinaryStringInfo(&text, script->text + at,
							   statement->start - at);
		appendStringInfoString(&text, guarded);
		at = statement->start + statement->length;
	}
	if (at == 0)
		return NULL;
	appendStringInfoString(&text, script->text + at);
	return text.data;
}

static char *
rewrite_if_wanted(const HmScript *script)
{
	return hm_setting_idempotency == HM_IDEMPOTENCY_REWRITE ?
		rewrite_script(script) : NULL;
}

void
hm_guarded_init(void)
{
	hm_content_set_rewriter(rewrite_if_wanted);
}
