/*
 * src/guard/asked.c
 *	  What a command asks for, beside what is there already.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/named.h"
#include "base/resolve.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_type.h"
#include "commands/publicationcmds.h"
#include "guard/asked.h"
#include "guard/definition.h"
#include "lint/inheritors.h"
#include "nodes/makefuncs.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static HmAsked
absent(void)
{
	return (HmAsked)
	{
		HM_ASKED_ABSENT
	};
}

static HmAsked
done_if(bool done, ObjectType kind, Oid object)
{
	HmAsked		asked = {done ? HM_ASKED_DONE : HM_ASKED_ABSENT};

	asked.kind = kind;
	asked.object = object;
	return asked;
}

static HmAsked
exists_if(Oid object, ObjectType kind, Oid relation, Oid schema,
		  const char *part)
{
	HmAsked		asked = {OidIsValid(object) ? HM_ASKED_EXISTS :
	HM_ASKED_ABSENT};

	asked.kind = kind;
	asked.object = object;
	asked.relation = relation;
	asked.schema = OidIsValid(relation) ? get_rel_namespace(relation) : schema;
	asked.part = part;
	return asked;
}

static HmAsked
find_constraint(const Constraint *constraint, Oid relation)
{
	HmAsked		asked;

	if (constraint->conname == NULL)
	{
		asked = exists_if(relation, OBJECT_TABLE, relation, InvalidOid, NULL);
		asked.state = HM_ASKED_UNNAMED;
		return asked;
	}
	asked = exists_if(get_relation_constraint_oid(relation,
												  constraint->conname, true),
					  OBJECT_TABCONSTRAINT, relation, InvalidOid, NULL);

	/* Its index has become the constraint's: there is none to compare with. */
	if (constraint->indexname != NULL && asked.state == HM_ASKED_EXISTS)
		asked.state = HM_ASKED_DONE;
	return asked;
}

static bool
inherits(Oid child, Oid parent)
{
	List	   *parents;

	if (!OidIsValid(child) || !OidIsValid(parent))
		return false;
	parents = hm_inheritors_children(parent);
	return list_member_oid(parents, child);
}

static bool
has_identity(Oid relation, const char *column)
{
	HeapTuple	tuple = SearchSysCacheAttName(relation, column);
	bool		result = HeapTupleIsValid(tuple) &&
	((Form_pg_attribute) GETSTRUCT(tuple))->attidentity != '\0';

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return result;
}

static HmAsked
find_column(Oid relation, const char *name, bool there)
{
	return exists_if(there ? relation : InvalidOid, OBJECT_COLUMN, relation,
					 InvalidOid, name);
}

static HmAsked
find_partition(Oid parent, const AlterTableCmd *command)
{
	Oid			child = hm_resolve_relation(((PartitionCmd *) command->def)->name);
	bool		attached = inherits(child, parent);

	if (command->subtype == AT_AttachPartition)
	{
		HmAsked		asked = exists_if(attached ? child : InvalidOid,
									  OBJECT_TABLE, child, InvalidOid, NULL);

		asked.bound_only = true;
		return asked;
	}
	return done_if(OidIsValid(child) && !attached, OBJECT_TABLE, child);
}

static HmAsked
find_parent(Oid child, const AlterTableCmd *command)
{
	Oid			parent = hm_resolve_relation(castNode(RangeVar, command->def));
	bool		inherited = inherits(child, parent);

	if (command->subtype == AT_AddInherit)
		return done_if(inherited, OBJECT_TABLE, child);
	return done_if(OidIsValid(parent) && !inherited, OBJECT_TABLE, child);
}

static HmAsked
find_action(const AlterTableStmt *statement, int part)
{
	const AlterTableCmd *command = list_nth_node(AlterTableCmd,
												 statement->cmds, part);
	Oid			relation = hm_resolve_relation(statement->relation);
	const char *column;

	if (!OidIsValid(relation))
		return absent();
	switch (command->subtype)
	{
		case AT_AddColumn:
			column = castNode(ColumnDef, command->def)->colname;
			return find_column(relation, column,
							   get_attnum(relation, column) !=
							   InvalidAttrNumber);
		case AT_AddIdentity:
			return find_column(relation, command->name,
							   has_identity(relation, command->name));
		case AT_AddConstraint:
			return find_constraint(castNode(Constraint, command->def),
								   relation);
		case AT_AttachPartition:
		case AT_DetachPartition:
			return find_partition(relation, command);
		case AT_AddInherit:
		case AT_DropInherit:
			return find_parent(relation, command);
		default:
			return absent();
	}
}

/* What bears the new name, of the same kind and at the same place. */
static Oid
find_renamed(const RenameStmt *statement)
{
	RenameStmt *renamed = copyObject((RenameStmt *) statement);
	List	   *names;

	if (renamed->relation != NULL && renamed->subname != NULL)
		renamed->subname = renamed->newname;
	else if (renamed->relation != NULL)
		renamed->relation->relname = renamed->newname;
	else if (renamed->object == NULL)
		renamed->subname = renamed->newname;
	else if (IsA(renamed->object, String))
		renamed->object = (Node *) makeString(renamed->newname);
	else if (IsA(renamed->object, ObjectWithArgs))
		llast(((ObjectWithArgs *) renamed->object)->objname) =
			makeString(renamed->newname);
	else if (IsA(renamed->object, List) &&
			 renamed->renameType != OBJECT_DOMCONSTRAINT)
		llast((List *) renamed->object) = makeString(renamed->newname);
	else
		return InvalidOid;
	names = hm_named_by((Node *) renamed);
	return names == NIL ? InvalidOid : ((HmNamed *) linitial(names))->object;
}

/* Here it is the domain that is named. */
static HmAsked
find_renamed_constraint(const RenameStmt *statement, Oid domain)
{
	return done_if(OidIsValid(domain) &&
				   !OidIsValid(get_domain_constraint_oid(domain,
														 statement->subname,
														 true)) &&
				   OidIsValid(get_domain_constraint_oid(domain,
														statement->newname,
														true)),
				   OBJECT_DOMAIN, domain);
}

static HmAsked
find_rename(const RenameStmt *statement)
{
	List	   *names = hm_named_by((Node *) statement);
	Oid			renamed;

	if (names != NIL && statement->renameType == OBJECT_DOMCONSTRAINT)
		return find_renamed_constraint(statement,
									   ((HmNamed *) linitial(names))->object);
	if (names == NIL || OidIsValid(((HmNamed *) linitial(names))->object))
		return absent();
	renamed = find_renamed(statement);
	return done_if(OidIsValid(renamed), statement->renameType, renamed);
}

/* The name without its schema, in the new one. */
static HmAsked
find_moved(const AlterObjectSchemaStmt *statement)
{
	AlterObjectSchemaStmt *moved = copyObject((AlterObjectSchemaStmt *) statement);
	List	   *names = hm_named_by((Node *) statement);
	HmNamed    *named = names == NIL ? NULL : linitial(names);
	List	   *parts = NIL;

	if (named == NULL || named->name == NULL)
		return absent();
	if (OidIsValid(named->object))
		return done_if(OidIsValid(named->schema) &&
					   named->schema == hm_resolve_schema(statement->newschema),
					   statement->objectType, named->object);
	parts = list_make2(makeString(moved->newschema), makeString(named->name));
	if (moved->relation != NULL)
		moved->relation->schemaname = moved->newschema;
	else if (moved->object != NULL && IsA(moved->object, ObjectWithArgs))
		((ObjectWithArgs *) moved->object)->objname = parts;
	else if (moved->object != NULL && IsA(moved->object, List) &&
			 statement->objectType != OBJECT_OPCLASS &&
			 statement->objectType != OBJECT_OPFAMILY)
		moved->object = (Node *) parts;
	else
		return absent();
	names = hm_named_by((Node *) moved);
	named = linitial(names);
	return done_if(OidIsValid(named->object), statement->objectType,
				   named->object);
}

static bool
has_label(Oid type, const char *label)
{
	return SearchSysCacheExists2(ENUMTYPOIDNAME, ObjectIdGetDatum(type),
								 CStringGetDatum(label));
}

static HmAsked
find_enum_value(const AlterEnumStmt *statement)
{
	List	   *names = hm_named_by((Node *) statement);
	Oid			type = ((HmNamed *) linitial(names))->object;

	return done_if(OidIsValid(type) && statement->oldVal != NULL &&
				   !has_label(type, statement->oldVal) &&
				   has_label(type, statement->newVal), OBJECT_TYPE, type);
}

static HmAsked
find_domain_constraint(const AlterDomainStmt *statement)
{
	HmNamed    *domain = linitial(hm_named_by((Node *) statement));
	const char *name = statement->subtype == 'C' ?
	castNode(Constraint, statement->def)->conname : NULL;

	if (name == NULL || !OidIsValid(domain->object))
		return absent();
	return exists_if(get_domain_constraint_oid(domain->object, name, true),
					 OBJECT_DOMCONSTRAINT, InvalidOid, domain->schema, NULL);
}

/* Of a publication, tables only are looked at. */
static HmAsked
find_published(const AlterPublicationStmt *statement)
{
	HmNamed    *publication = linitial(hm_named_by((Node *) statement));
	bool		adds = statement->action == AP_AddObjects;
	ListCell   *cell;

	if (!OidIsValid(publication->object))
		return absent();
	foreach(cell, statement->pubobjects)
	{
		PublicationObjSpec *spec = lfirst_node(PublicationObjSpec, cell);
		Oid			table = spec->pubtable == NULL ? InvalidOid :
		hm_resolve_relation(spec->pubtable->relation);

		if (!OidIsValid(table) ||
			SearchSysCacheExists2(PUBLICATIONRELMAP, ObjectIdGetDatum(table),
								  ObjectIdGetDatum(publication->object)) != adds)
			return absent();
	}
	return done_if(true, OBJECT_PUBLICATION, publication->object);
}

static TypeName *
operand(const List *definition, const char *name)
{
	ListCell   *cell;

	foreach(cell, definition)
	{
		DefElem    *element = lfirst_node(DefElem, cell);

		if (strcmp(element->defname, name) == 0 && element->arg != NULL &&
			IsA(element->arg, TypeName))
			return (TypeName *) element->arg;
	}
	return NULL;
}

static Oid
find_operator(const DefineStmt *statement, Oid *schema)
{
	ObjectWithArgs *operator = makeNode(ObjectWithArgs);
	HmPlace		place = hm_resolve_creation(hm_resolve_parts(statement->defnames).schema);

	operator->objname = list_make2(makeString(get_namespace_name(place.schema)),
								   llast(statement->defnames));
	operator->objargs = list_make2(operand(statement->definition, "leftarg"),
								   operand(statement->definition, "rightarg"));
	return hm_resolve_operator(operator, schema);
}

static Oid
find_of_method(int cache, const char *method, List *name, Oid *schema)
{
	HmQualified parts = hm_resolve_parts(name);

	*schema = hm_resolve_creation(parts.schema).schema;
	parts.schema = OidIsValid(*schema) ? get_namespace_name(*schema) : NULL;
	return parts.schema == NULL ? InvalidOid :
		hm_resolve_of_method(cache, method, parts, schema);
}

/* A shell does not keep the type itself from being made. */
static bool
is_filled_shell(const DefineStmt *statement, Oid type)
{
	return statement->kind == OBJECT_TYPE && statement->definition != NIL &&
		OidIsValid(type) && !get_typisdefined(type);
}

/* A type of any kind keeps a composite type from being made. */
static Oid
find_type(const RangeVar *name, Oid *schema)
{
	HmPlace		place = hm_resolve_relation_creation(name);
	HmQualified parts = {NULL, name->relname};

	parts.schema = OidIsValid(place.schema) ?
		get_namespace_name(place.schema) : NULL;
	return parts.schema == NULL ? InvalidOid :
		hm_resolve_named_type(parts, schema);
}

/* The kinds that are found in a way of their own. */
static bool
find_in_own_way(Node *tree, HmAsked *asked)
{
	Oid			schema = InvalidOid;
	Oid			object;

	switch (nodeTag(tree))
	{
		case T_CompositeTypeStmt:
			object = find_type(((CompositeTypeStmt *) tree)->typevar, &schema);
			*asked = exists_if(object, OBJECT_TYPE, InvalidOid, schema, NULL);
			return true;
		case T_DefineStmt:
			if (((DefineStmt *) tree)->kind != OBJECT_OPERATOR)
				return false;
			object = find_operator((DefineStmt *) tree, &schema);
			*asked = exists_if(object, OBJECT_OPERATOR, InvalidOid, schema,
							   NULL);
			return true;
		case T_CreateOpClassStmt:
			object = find_of_method(CLAAMNAMENSP,
									((CreateOpClassStmt *) tree)->amname,
									((CreateOpClassStmt *) tree)->opclassname,
									&schema);
			*asked = exists_if(object, OBJECT_OPCLASS, InvalidOid, schema,
							   NULL);
			return true;
		case T_CreateOpFamilyStmt:
			object = find_of_method(OPFAMILYAMNAMENSP,
									((CreateOpFamilyStmt *) tree)->amname,
									((CreateOpFamilyStmt *) tree)->opfamilyname,
									&schema);
			*asked = exists_if(object, OBJECT_OPFAMILY, InvalidOid, schema,
							   NULL);
			return true;
		default:
			return false;
	}
}

/* Is it something that a CREATE makes, and not changes? */
static bool
makes(const Node *tree)
{
	switch (nodeTag(tree))
	{
		case T_CompositeTypeStmt:
		case T_CreateAmStmt:
		case T_CreateCastStmt:
		case T_CreateConversionStmt:
		case T_CreateDomainStmt:
		case T_CreateEnumStmt:
		case T_CreateEventTrigStmt:
		case T_CreateExtensionStmt:
		case T_CreateFdwStmt:
		case T_CreateForeignServerStmt:
		case T_CreateForeignTableStmt:
		case T_CreateOpClassStmt:
		case T_CreateOpFamilyStmt:
		case T_CreatePolicyStmt:
		case T_CreatePublicationStmt:
		case T_CreateRangeStmt:
		case T_CreateRoleStmt:
		case T_CreateSchemaStmt:
		case T_CreateSeqStmt:
		case T_CreateStatsStmt:
		case T_CreateStmt:
		case T_CreateTableAsStmt:
		case T_CreateUserMappingStmt:
		case T_DefineStmt:
		case T_IndexStmt:
			return true;
		case T_CreateTrigStmt:
			return ((const CreateTrigStmt *) tree)->isconstraint;
		default:
			return false;
	}
}

/* An index comes after its table; all others come first. */
static HmAsked
find_made(Node *tree)
{
	List	   *names = hm_named_by(tree);
	HmNamed    *made;
	HmAsked		asked;

	if (find_in_own_way(tree, &asked))
		return asked;
	if (names == NIL ||
		(IsA(tree, IndexStmt) && ((IndexStmt *) tree)->idxname == NULL))
		return absent();
	made = IsA(tree, IndexStmt) ? llast(names) : linitial(names);
	if (IsA(tree, DefineStmt) &&
		is_filled_shell((DefineStmt *) tree, made->object))
		return absent();
	asked = exists_if(made->object, made->kind, made->part != NULL ?
					  made->relation : InvalidOid, made->schema, NULL);
	if (IsA(tree, CreateUserMappingStmt) && asked.state == HM_ASKED_EXISTS)
		asked.state = HM_ASKED_DONE;
	return asked;
}

HmAsked
hm_asked_find(Node *tree, int part)
{
	switch (nodeTag(tree))
	{
		case T_AlterTableStmt:
			return find_action((AlterTableStmt *) tree, part);
		case T_RenameStmt:
			return find_rename((RenameStmt *) tree);
		case T_AlterObjectSchemaStmt:
			return find_moved((AlterObjectSchemaStmt *) tree);
		case T_AlterEnumStmt:
			return find_enum_value((AlterEnumStmt *) tree);
		case T_AlterDomainStmt:
			return find_domain_constraint((AlterDomainStmt *) tree);
		case T_AlterPublicationStmt:
			return find_published((AlterPublicationStmt *) tree);
		default:
			return makes(tree) ? find_made(tree) : absent();
	}
}

ObjectAddress
hm_asked_address(const HmAsked *asked)
{
	return OidIsValid(asked->relation) ?
		hm_definition_address(OBJECT_TABLE, asked->relation, NULL) :
		hm_definition_address(asked->kind, asked->object, NULL);
}

char *
hm_asked_display(const HmAsked *asked)
{
	ObjectAddress address = hm_definition_address(asked->kind, asked->object,
												  asked->part);

	char	   *description = NULL;

	if (OidIsValid(address.classId) && OidIsValid(address.objectId))
		description = getObjectDescription(&address, true);
	return description ? description : pstrdup("object");
}
