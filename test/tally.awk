# test/tally.awk
#	  Counts the tests in the output of pg_regress (15: "test x ... ok", later:
#	  "ok 1 - x"), of prove, and of scripts that print "ok ..." or "not ok ...".
#
# usage: awk -f tally.awk LOG    prints "N passed, N failed"

/^(test|    ) .* \.\.\. ok /			{ passed++; next }
/^(test|    ) .* \.\.\. (FAILED|failed)/	{ failed++; shown++; next }
/^ok /						{ passed++; next }
/^not ok /					{ failed++; shown++; next }

# prove names failures script by script, and counts at the end.
/^  Failed [0-9]+\/[0-9]+ subtests/ ||
/^Failed [0-9]+\/[0-9]+ subtests/	{ split($2, part, "/"); failed += part[1]; within += part[1]; shown++; next }
/^(No subtests run|All [0-9]+ subtests passed)/	{ dubious++; shown++; next }
/^Files=[0-9]+, Tests=[0-9]+/			{ split($2, part, /[=,]/); passed += part[2]; next }

# A suite that broke down without naming a test.
/^suite failed: /				{ if (!shown) failed++; shown = 0; next }

END {
	passed -= within
	if (passed < 0)
		passed = 0
	printf "%d passed, %d failed\n", passed, failed + dubious
}
