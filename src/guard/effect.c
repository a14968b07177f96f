/*
 * src/guard/effect.c
 *	  What happens to objects.
 */
#include "postgres.h"

#include "audit/place.h"
#include "base/compat.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_auth_members.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_database.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_default_acl.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_largeobject.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_subscription.h"
#include "catalog/pg_tablespace.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "guard/effect.h"
#include "guard/effect_parts.h"
#include "utils/formatting.h"

typedef struct Effect
{
	ObjectAccessType access;
	Oid			class_id;
	Oid			object_id;
	Oid			other_id;		/* pg_inherits: the parent */
	bool		internal;		/* a consequence, as the server says */
} Effect;

/* Catalogs whose rows are not the schema of the database. */
typedef struct CatalogClass
{
	Oid			class_id;
	HmGuardClass class;
	bool		shared;
} CatalogClass;

static const CatalogClass catalog_classes[] = {
	{AuthIdRelationId, HM_CLASS_ACCOUNTS, true},
	{AuthMemRelationId, HM_CLASS_ACCOUNTS, true},
	{DatabaseRelationId, HM_CLASS_CLUSTER, true},
	{DbRoleSettingRelationId, HM_CLASS_ACCOUNTS, true},
	{DefaultAclRelationId, HM_CLASS_PRIVILEGE, false},
	{SubscriptionRelationId, HM_CLASS_CLUSTER, true},
	{TableSpaceRelationId, HM_CLASS_CLUSTER, true},
	{UserMappingRelationId, HM_CLASS_ACCOUNTS, false}
};

static CatalogClass
class_of(Oid class_id)
{
	CatalogClass schema = {class_id, HM_CLASS_SCHEMA, false};

	for (int i = 0; i < lengthof(catalog_classes); i++)
	{
		if (catalog_classes[i].class_id == class_id)
			return catalog_classes[i];
	}
	return schema;
}

HmGuardClass
hm_effect_class(Oid catalog)
{
	return class_of(catalog).class;
}

/* A range type comes with casts of its own. */
static List *
find_schemas_of_cast(Oid cast)
{
	Oid			types[HM_PLACE_OWNERS];

	if (!hm_place_cast(cast, types))
		return NIL;
	return list_make2_oid(hm_place_schema(TypeRelationId, types[0]),
						  hm_place_schema(TypeRelationId, types[1]));
}

/* The schemas that it reaches into; NIL: none, or it is not known. */
static List *
find_schemas(const Effect *effect)
{
	List	   *schemas = NIL;
	Oid			owners[HM_PLACE_OWNERS] = {InvalidOid};
	Oid			schema;

	if (effect->class_id == NamespaceRelationId)
		return list_make1_oid(effect->object_id);
	if (effect->class_id == CastRelationId)
		return find_schemas_of_cast(effect->object_id);
	if (effect->class_id == InheritsRelationId)
	{
		owners[0] = effect->object_id;
		owners[1] = effect->other_id;
	}
	else if (!hm_place_owners(effect->access, effect->class_id,
							  effect->object_id, owners))
		owners[0] = InvalidOid;
	for (int i = 0; i < HM_PLACE_OWNERS; i++)
	{
		if (OidIsValid(owners[i]))
			schemas = lappend_oid(schemas,
								  hm_place_schema(RelationRelationId,
												  owners[i]));
	}
	if (schemas != NIL)
		return schemas;

	/* Domains have constraints too. */
	schema = hm_place_schema(effect->class_id, effect->object_id);
	return OidIsValid(schema) ? list_make1_oid(schema) : NIL;
}

/* A backend's first temporary table makes the schema, which is still hidden. */
static bool
is_temporary_schema(Oid schema)
{
	char	   *name = hm_place_name(NamespaceRelationId, schema);

	return name != NULL &&
		(strncmp(name, "pg_temp_", 8) == 0 ||
		 strncmp(name, "pg_toast_temp_", 14) == 0);
}

/* All of it in temporary schemas or, if one is given, in that schema. */
static bool
is_confined(const Effect *effect, Oid to)
{
	List	   *schemas = find_schemas(effect);
	ListCell   *cell;

	foreach(cell, schemas)
	{
		Oid			schema = lfirst_oid(cell);

		if (schema == to && OidIsValid(to))
			continue;

		/* Nobody gets at these but through their table. */
		if (schema == PG_TOAST_NAMESPACE && OidIsValid(to))
			continue;
		if (!is_temporary_schema(schema))
			return false;
	}
	return schemas != NIL;
}

/*
 * The relations that a rewrite makes and drops, and what it swaps: they bear
 * no mark but that there is nothing else it does.
 */
static bool
is_rewrite(const HmGuardFrame *frame, const Effect *effect)
{
	if (frame->command.class != HM_CLASS_MAINTENANCE &&
		!IsA(frame->tree, RefreshMatViewStmt))
		return false;
	switch (effect->class_id)
	{
		case RelationRelationId:
			return effect->access == OAT_POST_CREATE || effect->internal;
		case TypeRelationId:
		case IndexRelationId:
			return true;
		default:
			return false;
	}
}

static bool
is_covered(const HmGuardFrame *frame, const Effect *effect)
{
	if (frame == NULL)
		return is_confined(effect, InvalidOid);
	if (!frame->covers ||
		(frame->command.class == HM_CLASS_MAINTENANCE &&
		 frame->permit.kind == HM_PERMIT_NONE))
		return is_rewrite(frame, effect) || is_confined(effect, InvalidOid);
	return frame->permit.kind != HM_PERMIT_EXEMPTION ||
		!OidIsValid(frame->permit.schema) ||
		is_confined(effect, frame->permit.schema);
}

static const char *
verb_of(ObjectAccessType access)
{
	switch (access)
	{
		case OAT_POST_CREATE:
			return "CREATE";
		case OAT_DROP:
			return "DROP";
		case OAT_TRUNCATE:
			return "TRUNCATE";
		default:
			return "ALTER";
	}
}

/* As a command for it would be called, which exemptions then are good for. */
static const char *
command_name(const HmGuardFrame *frame, const Effect *effect, const char *type)
{
	if (effect->class_id == LargeObjectRelationId)
		return HM_EFFECT_LARGE_OBJECT;
	if (frame && frame->covers)
		return frame->command.name;
	return psprintf("%s %s", verb_of(effect->access),
					str_toupper(type, strlen(type), C_COLLATION_OID));
}

/* What is being created is known by its name only. */
static const char *
identify(const ObjectAddress *address)
{
	char	   *identity = getObjectIdentity(address, true);

	if (identity == NULL)
		identity = hm_place_name(address->classId, address->objectId);
	return identity ? identity : psprintf("%u", address->objectId);
}

/*
 * What is touched; of what has no name that the server knows in every state,
 * such as a default, the table that it belongs to.
 */
static ObjectAddress
find_subject(const Effect *effect)
{
	ObjectAddress subject = {effect->class_id, effect->object_id, 0};
	Oid			owners[HM_PLACE_OWNERS];

	if (is_objectclass_supported(effect->class_id))
		return subject;
	subject.classId = InvalidOid;
	if (effect->class_id == InheritsRelationId)
		subject.classId = RelationRelationId;
	else if (hm_place_owners(effect->access, effect->class_id,
							 effect->object_id, owners))
	{
		subject.classId = RelationRelationId;
		subject.objectId = owners[0];
	}
	return subject;
}

static void
judge(const CatalogClass *of, const HmGuardFrame *frame, const Effect *effect)
{
	ObjectAddress subject = find_subject(effect);
	HmGuardedCommand command = {.class = of->class,.shared = of->shared};
	HmGuardCase about = {.layer = HM_LAYER_OBJECT,.object_type = "object"};

	if (effect->class_id == LargeObjectRelationId)
		about.object_type = "large object";
	else if (OidIsValid(subject.classId))
	{
		about.object_type = getObjectTypeDescription(&subject, true);
		about.object = identify(&subject);
	}
	command.name = command_name(frame, effect, about.object_type);
	hm_effect_judge(&command, &about, NULL);
}

static Effect
describe(ObjectAccessType access, Oid class_id, Oid object_id, void *argument)
{
	Effect		effect = {access, class_id, object_id};

	if (argument == NULL)
		return effect;
	if (access == OAT_POST_CREATE)
		effect.internal = ((ObjectAccessPostCreate *) argument)->is_internal;
	else if (access == OAT_DROP)
		effect.internal = (((ObjectAccessDrop *) argument)->dropflags &
						   PERFORM_DELETION_INTERNAL) != 0;
	else if (access == OAT_POST_ALTER)
	{
		effect.internal = ((ObjectAccessPostAlter *) argument)->is_internal;
		effect.other_id = ((ObjectAccessPostAlter *) argument)->auxiliary_id;
	}
	return effect;
}

void
hm_guard_check_object(ObjectAccessType access, Oid class_id, Oid object_id,
					  int sub_id, void *argument)
{
	HmGuardFrame *frame;
	CatalogClass of;
	Effect		effect;

	if (access == OAT_FUNCTION_EXECUTE)
	{
		hm_effect_check_function(object_id);
		return;
	}
	of = class_of(class_id);
	if (!hm_effect_concerns(of.class, of.shared))
		return;
	frame = hm_guard_frame();
	effect = describe(access, class_id, object_id, argument);
	if (!is_covered(frame, &effect))
		judge(&of, frame, &effect);
}
