# The front door. Meson does the work; these are the words for what people want done.
#
#   make              the release build: build/gatehouse and build/examples/NAME
#   make run          serves build/examples/everything at http://127.0.0.1:8080/mcp
#   make test         the tests, in under 15 minutes on two cores; `make test-all` adds the long ones
#   make lint         what finds faults without running the program; `make format` lays out the C
#   make fuzz         every fuzz target for FUZZ_SECONDS; `make bench` measures
#   make deps         installs what all this needs, from the system's packages
#   make install      the program, its page and the kit, with PREFIX and DESTDIR
PREFIX       ?= /usr/local
DESTDIR      ?=
FUZZ_SECONDS ?= 60
LISTEN       ?= 127.0.0.1:8080

# make says "cc" when nobody chose a compiler.
ifeq ($(origin CC),default)
CC := gcc
endif
export CC FUZZ_SECONDS PREFIX

.PHONY: all deps run test test-all lint format fuzz bench install clean

all:
	@tools/build.sh release

deps:
	@tools/deps.sh

run: deps all
	@tools/run.sh $(LISTEN)

test: deps
	@tools/steps.sh $(shell tools/steps.sh --list test)

test-all: deps
	@tools/steps.sh $(shell tools/steps.sh --list test) $(shell tools/steps.sh --list more)

lint: deps
	@tools/lint.sh

format:
	@clang-format -i $$(git ls-files '*.[ch]')

fuzz: deps
	@tools/fuzz.sh $(FUZZ_SECONDS)

bench: all
	@tools/bench.sh

install: all
	@DESTDIR=$(DESTDIR) meson install -C build --no-rebuild

clean:
	rm -rf build build-*
