#
# hipaa_migrate: governed, audited schema migrations, inside PostgreSQL.
#
# `make help` lists what can be made.

EXTENSION  = hipaa_migrate
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)
PGFILEDESC = "hipaa_migrate - governed, audited schema migrations"

# The rooms of src/, lowest first: a file may include only its own room and
# those before it (test/check/layers).
LAYERS = base audit registry lint snapshot policy plan guard runner report

MODULE_big = $(EXTENSION)
C_FILES    = $(sort $(wildcard $(LAYERS:%=src/%/*.c))) src/init.c
H_FILES    = $(sort $(wildcard $(LAYERS:%=src/%/*.h)))
OBJS       = $(C_FILES:.c=.o)
SCRIPTS    := $(wildcard bin/hipaa-migrate-push bin/hipaa-migrate-verify)

# The install script is its parts, in this order.
SQL_PARTS  = extension audit audit_seal audit_verify audit_export \
	audit_redact audit_retention person access registry load lint phi waiver \
	policy freeze assess approval plan runner report \
	guard_command guard_danger guard_mode guard_permit guarded guard \
	privileges
DATA_built = $(EXTENSION)--$(EXTVERSION).sql
DATA       = $(wildcard src/sql/upgrade/$(EXTENSION)--*--*.sql)

# Regression tests, bottom up: sql/<name>.sql and expected/<name>.out.
LINT_TESTS     := $(sort $(basename $(notdir $(wildcard sql/lint_*.sql))))
REGRESS        = settings names registry capability access audit_redact privileges \
	script formats load other_tools plan report review runner errors undone \
	environment repeatable adopt_folder audit audit_seal audit_verify \
	audit_export audit_retention door guard guard_command guard_danger \
	guard_effect guard_permit person policy policy_fault two_persons phi \
	assess guarded_form number window policy_check break_glass \
	$(LINT_TESTS) idempotent white_cross approval approval_worth author
REGRESS_OPTS   = --load-extension=$(EXTENSION)
ISOLATION      := $(sort $(basename $(notdir $(wildcard test/isolation/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test/isolation --load-extension=$(EXTENSION)
PROVE_TESTS    := $(sort $(wildcard test/tap/*.pl))
ifneq ($(PROVE_TESTS),)
TAP_TESTS      = 1
endif

PG_CPPFLAGS = -Isrc -DHM_VERSION='"$(EXTVERSION)"'
PG_CFLAGS   = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers

ifdef WERROR
PG_CFLAGS  += -Werror
endif
ifdef COVERAGE
PG_CFLAGS  += -O0 --coverage
SHLIB_LINK += --coverage
override with_llvm = no
endif
ifdef SANITIZE
PG_CFLAGS  += -fsanitize=undefined -fno-sanitize-recover=undefined
SHLIB_LINK += -fsanitize=undefined
override with_llvm = no
endif

EXTRA_CLEAN = $(OBJS:.o=.gcno) $(OBJS:.o=.gcda) .built-for

.DEFAULT_GOAL := all

# What a fresh machine can make: these find or install a server themselves.
UNAIDED = help check check-long coverage demo docs bench


ifneq ($(filter-out $(UNAIDED),$(or $(MAKECMDGOALS),all)),)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(wildcard $(PGXS)),)
$(error $(PG_CONFIG) knows no PGXS: install postgresql-server-dev-15 (or 16, 17, 18), or set PG_CONFIG)
endif
include $(PGXS)

$(DATA_built): $(SQL_PARTS:%=src/sql/%.sql) $(EXTENSION).control
	cat $(filter %.sql,$^) > $@

# Debian's servers are built without dependency tracking, so any header, and
# another server or other flags, rebuild everything.
$(OBJS) $(OBJS:.o=.bc): $(H_FILES) $(EXTENSION).control .built-for

.built-for: FORCE
	@echo '$(VERSION) $(PG_CFLAGS)' | cmp -s - $@ || \
		echo '$(VERSION) $(PG_CFLAGS)' > $@

FORCE:

.PHONY: FORCE check-style indent

check-style: $(EXTENSION).so
	@LAYERS='$(LAYERS)' SQL_PARTS='$(SQL_PARTS)' REGRESS='$(REGRESS)' \
		EXTVERSION='$(EXTVERSION)' test/check/all

indent: $(EXTENSION).so
	@test/check/indent --mend

endif

ifneq ($(filter $(UNAIDED),$(MAKECMDGOALS)),)

.PHONY: $(UNAIDED)

help:
	@echo 'make               build against the server of PG_CONFIG (default: pg_config)'
	@echo 'make install       install into that server'
	@echo 'make demo          a server to try it on, from nothing, with the example project'
	@echo 'make check         every test suite, on servers of its own'
	@echo 'make check-long    asserts, Valgrind, fuzzing, soak, sizes, pg_upgrade: hours'
	@echo 'make installcheck  the same suites against the running server of PGHOST, PGPORT'
	@echo 'make check-style   layers, messages, exported names, indentation, ...'
	@echo 'make indent        lay the C code out as PostgreSQL does'
	@echo 'make coverage      make check, counting lines'
	@echo 'make docs          the pages made from what the server of PGHOST, PGPORT says'
	@echo 'make bench         how fast, beside others'
	@echo 'test/matrix        build without warnings and test on each supported major'
	@echo
	@echo 'WERROR=1 makes warnings fail; SANITIZE=1 traps undefined behaviour.'

check:
	@test/run

check-long:
	@test/long/run

coverage:
	@COVERAGE=1 test/run

demo:
	@test/demo/run

# The page is replaced when it could be made.
docs:
	@test/docs/lint_rules >docs/lint_rules.new && mv docs/lint_rules.new docs/lint_rules.md || \
		{ rm -f docs/lint_rules.new; exit 1; }

bench:
	@test/bench/run

endif
