# Short names for packaging/bootstrap.py, which sets everything up first and works without make too.
#
#     make run                            open the window on your own cache
#     make run ARGS="--root /data/hub"    ... on another one
#     make test                           run the tests
#     make test ARGS="tests/core -k scan"
#     make check                          format, lint, types, imports and tests
#     make shots                          make the pictures of the documentation
#     make bench ARGS="--quick transfers" print the figures, ours against the field's
#     make torture ARGS="--minutes 30"     kill every operation at random, and look for what is lost
#     make fuzz ARGS="--minutes 30"        feed what reads other people's files with garbage
#     make translations                   bring the translations of the window up to its sources
#     make setup                          only set up
#
# EXTRAS=gui leaves out what only inference, S3 and the server need. PYTHON names another Python.

PYTHON ?= python3
EXTRAS ?= all
export EXTRAS

COMMANDS := run test check shots bench torture fuzz translations setup

.PHONY: $(COMMANDS)
.DEFAULT_GOAL := run

$(COMMANDS):
	@$(PYTHON) packaging/bootstrap.py $@ $(ARGS)
