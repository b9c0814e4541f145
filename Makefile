# winnow - tell human text from machine text, mix the two, measure what it does.
# `make help` lists the targets; two are all a newcomer needs: `make demo`, `make test`.

BUILD    ?= build
PREFIX   ?= /usr/local
DESTDIR  ?=
MANDIR   ?= $(PREFIX)/share/man
CC       ?= gcc
AR       ?= ar
CFLAGS   ?= -O2 -g
JOBS     ?= $(shell nproc 2>/dev/null || echo 1)

# Folders of src/ that go into the library, lowest layer first (docs/design/layers.md).
MODULES  ?= base io text lm detect mix sim report

WARN     := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wvla -Wformat=2 -Wno-format-nonliteral
# No fused multiply-add: results must not depend on the instruction set.
BASEFLAGS := -std=c11 -D_GNU_SOURCE -ffp-contract=off -pthread $(WARN) -MMD -MP
LIBFLAGS  := -Iinclude -Isrc
CLIFLAGS  := -Iinclude -Isrc/cli
TESTFLAGS := -Iinclude -Isrc -Itests -DWN_TEST_DATA='"tests/vectors"'
LDLIBS    := -larchive -lzstd -lisal -lcjson -lyaml -lpcre2-8 -lutf8proc -llapacke -lopenblas -lm

LIBSRC   := $(wildcard $(MODULES:%=src/%/*.c))
LIBOBJ   := $(LIBSRC:%.c=$(BUILD)/%.o)
CLISRC   := $(wildcard src/cli/*.c)
CLIOBJ   := $(CLISRC:%.c=$(BUILD)/%.o)
SUPSRC   := $(wildcard tests/support/*.c)
SUPOBJ   := $(SUPSRC:%.c=$(BUILD)/%.o)
LIB      := $(BUILD)/libwinnow.a
TOOL     := $(BUILD)/winnow

# T=name runs one: make unit T=test_reader
T        ?=
pick      = $(if $(T),$(filter %/$(T).c,$(1)),$(1))
UNITSRC  := $(call pick,$(wildcard tests/unit/test_*.c))
PROPSRC  := $(call pick,$(wildcard tests/prop/test_*.c))
FAULTSRC := $(call pick,$(wildcard tests/fault/test_*.c))
FUZZSRC  := $(call pick,$(wildcard tests/fuzz/fuzz_*.c))
BENCHSRC := $(call pick,$(wildcard tests/bench/bench_*.c))
ifneq ($(T),)
ifeq ($(UNITSRC)$(PROPSRC)$(FAULTSRC)$(FUZZSRC)$(BENCHSRC),)
$(error no test is called '$(T)')
endif
endif
bin       = $(patsubst %.c,$(BUILD)/%,$(1))

# V=1 shows whole commands.
ifeq ($(V),1)
say = @true
Q   =
else
say = @printf '  %-4s %s\n'
Q   = @
endif

all: $(TOOL) $(LIB)            ## build the tool and the library (build/winnow, build/libwinnow.a)

$(BUILD)/src/cli/%.o: src/cli/%.c Makefile
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(BASEFLAGS) $(CLIFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(BASEFLAGS) $(LIBFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(BASEFLAGS) $(TESTFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(LIB): $(LIBOBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $(LIBOBJ)
$(TOOL): $(CLIOBJ) $(LIB)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) -pthread $(LDFLAGS) -o $@ $(CLIOBJ) $(LIB) $(LDLIBS)

WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=write,--wrap=fsync
$(BUILD)/tests/fault/%: $(BUILD)/tests/fault/%.o $(SUPOBJ) $(LIB)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) -pthread $(LDFLAGS) $(WRAP) -o $@ $< $(SUPOBJ) $(LIB) -lcmocka $(LDLIBS)
$(BUILD)/tests/unit/% $(BUILD)/tests/prop/%: LDTEST := -lcmocka -ljson-c
# The comparison with reference vectors is a program and a unit test of its parts.
REFOBJ   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/collapse/vectors.c,$(wildcard tests/collapse/*.c)))
$(BUILD)/tests/collapse/vectors $(BUILD)/tests/unit/test_collapse_vectors: $(REFOBJ)
$(BUILD)/tests/collapse/vectors $(BUILD)/tests/unit/test_collapse_vectors: LDTEST := $(REFOBJ) -lcmocka -ljson-c
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPOBJ) $(LIB)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) -pthread $(LDFLAGS) -o $@ $< $(SUPOBJ) $(LDTEST) $(LIB) $(LDLIBS)
.PRECIOUS: $(BUILD)/tests/%.o

demo: deps                     ## install what is missing, build, run the main job, write report.html
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@$(MAKE) --no-print-directory human
	@$(TOOL) demo --human build/human/human.jsonl -o build/demo

human:                         ## extract the built-in human documents from Debian packages
	@WINNOW_ANY_VERSION=$${WINNOW_ANY_VERSION-1} corpus/extract-human.sh build/human

test: deps                     ## install what is missing, build, run every test (what CI runs)
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@$(MAKE) --no-print-directory -j$(JOBS) tests-built
	@$(MAKE) --no-print-directory human
	@$(MAKE) --no-print-directory check human-tests

check: unit prop fault fuzz golden docs-run kenlm vectors-fast repro-quick headers layers  ## short tests: no network, no root

check-full: check human-tests vectors repro sanitizers  ## everything: all reference vectors and experiments, sanitizers

deps:                          ## install the Debian packages that building and testing need
	@tools/install-deps.sh

tests-built: $(call bin,$(UNITSRC) $(PROPSRC) $(FAULTSRC) $(FUZZSRC)) $(BUILD)/tests/collapse/vectors

unit: $(call bin,$(UNITSRC))   ## unit tests (T=test_noun for one)
	@tools/run-tests.sh unit $^
prop: $(call bin,$(PROPSRC))   ## property tests
	@tools/run-tests.sh prop $^
fault: $(call bin,$(FAULTSRC)) ## fault injection: every allocation and write fails once
	@tools/run-tests.sh fault $^
fuzz: $(call bin,$(FUZZSRC))   ## replay the seeds of every fuzz target
	@st=0; for t in $^; do printf '  %s: ' $$(basename $$t); ./$$t tests/fuzz/seeds/$$(basename $$t)/* || st=1; done; exit $$st
golden: $(TOOL)                ## command-line tests, at --jobs 1 and 4
	@tests/cli/run.sh $(TOOL)
golden-update: $(TOOL)         ## rewrite the expected outputs; review the diff
	@tests/cli/run.sh --update $(TOOL)
docs-run: $(TOOL)              ## run the examples of README and docs, compare the man pages
	@tools/check-docs.sh $(TOOL) build/human/human.jsonl
kenlm: $(TOOL)                 ## the n-gram engine against KenLM, when KENLM_BIN=DIR holds its programs
	@tests/kenlm/run.sh $(TOOL)
human-tests: $(TOOL)           ## tests on the real human documents (fetches Debian packages)
	@$(MAKE) --no-print-directory human
	@tests/human/run.sh $(TOOL) build/human/human.jsonl
VECTORS  ?= tests/vectors/collapse
vectors: $(BUILD)/tests/collapse/vectors  ## the simulator against a folder of reference vectors (VECTORS=DIR)
	@$(abspath $<) --jobs $(JOBS) $(VECTORS)
vectors-fast: $(BUILD)/tests/collapse/vectors
	@$(abspath $<) --fast --jobs $(JOBS) tests/vectors/collapse
ROW      ?=
repro: $(TOOL)                 ## repeat the published experiments (ROW=N1 for one): docs/reproduction.md
	@JOBS=$(JOBS) tests/repro/run.sh $(TOOL) $(ROW)
repro-quick: $(TOOL)
	@JOBS=$(JOBS) tests/repro/run.sh $(TOOL) quick
bench: $(TOOL) $(call bin,$(BENCHSRC))  ## speeds, as medians of several runs
	@for b in $(call bin,$(BENCHSRC)); do echo "== $$b"; ./$$b || exit 1; done

bench-lm: $(TOOL) $(BUILD)/tests/bench/pairs $(BUILD)/tests/bench/bench_score  ## the n-gram engine on 40 M tokens (KENLM_BIN=DIR: beside KenLM; ROWS=...)
	@tests/bench/bench-lm.sh $(TOOL) $(BUILD)/tests/bench/pairs $(BUILD)/tests/bench/bench_score $(ROWS)

SAN := -O1 -g -fno-omit-frame-pointer
asan:                          ## all short tests under AddressSanitizer and LeakSanitizer
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=build/asan CFLAGS="$(SAN) -fsanitize=address" all tests-built
	@$(MAKE) --no-print-directory BUILD=build/asan CFLAGS="$(SAN) -fsanitize=address" unit prop fault fuzz golden
ubsan:                         ## all short tests under UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=build/ubsan CFLAGS="$(SAN) -fsanitize=undefined -fno-sanitize-recover=all" all tests-built
	@$(MAKE) --no-print-directory BUILD=build/ubsan CFLAGS="$(SAN) -fsanitize=undefined -fno-sanitize-recover=all" unit prop fuzz golden
tsan:                          ## the short tests under ThreadSanitizer
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=build/tsan CFLAGS="$(SAN) -fsanitize=thread" all tests-built
	@$(MAKE) --no-print-directory BUILD=build/tsan CFLAGS="$(SAN) -fsanitize=thread" unit golden
sanitizers: asan ubsan tsan    ## all three
valgrind: $(call bin,$(UNITSRC))  ## unit tests under valgrind
	@for t in $^; do valgrind -q --error-exitcode=9 --leak-check=full ./$$t || exit 1; done

lint: layers headers           ## cppcheck and clang-tidy
	@command -v clang-tidy >/dev/null && command -v cppcheck >/dev/null || { echo "lint needs the Debian packages cppcheck and clang-tidy"; exit 1; }
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability \
	  --suppress=missingIncludeSystem --suppress=arrayIndexThenCheck -Iinclude -Isrc $(LIBSRC) -Isrc/cli $(CLISRC)
	clang-tidy --quiet $(LIBSRC) $(CLISRC) -- -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -Isrc/cli 2>/dev/null
format:                        ## reformat with .clang-format
	clang-format -i $(wildcard include/winnow/*.h src/*/*.[ch] tests/*/*.[ch])
headers:                       ## each public header compiles alone
	@for h in include/winnow/*.h; do $(CC) -std=c11 -Wall -Wextra -Werror -fsyntax-only -Iinclude -x c $$h || exit 1; done
	@echo "headers: $(words $(wildcard include/winnow/*.h)) compile alone"
layers:                        ## includes obey the layers
	@tools/check-layers.sh
docs: $(TOOL)                  ## write the man pages from the option tables
	@tools/make-man.sh $(TOOL) docs/man

install: all                   ## install tool, library, headers, rules, man pages (DESTDIR, PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/winnow \
	  $(DESTDIR)$(PREFIX)/share/winnow/rules $(DESTDIR)$(PREFIX)/share/winnow/corpus/policies $(DESTDIR)$(PREFIX)/share/doc/winnow/format \
	  $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(MANDIR)/man1
	install -m 755 $(TOOL) $(DESTDIR)$(PREFIX)/bin/winnow
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/libwinnow.a
	install -m 644 include/winnow/*.h $(DESTDIR)$(PREFIX)/include/winnow/
	install -m 644 rules/*.rules $(DESTDIR)$(PREFIX)/share/winnow/rules/
	install -m 644 corpus/policies/*.yaml $(DESTDIR)$(PREFIX)/share/winnow/corpus/policies/
	install -m 644 docs/format/*.md $(DESTDIR)$(PREFIX)/share/doc/winnow/format/
	printf 'prefix=%s\nName: winnow\nDescription: tell human text from machine text, mix the two, measure what it does\nVersion: %s\nCflags: -I$${prefix}/include\nLibs: -L$${prefix}/lib -lwinnow -pthread %s\n' \
	  '$(PREFIX)' "$$(sed -n 's/.*WN_VERSION "\(.*\)"/\1/p' include/winnow/version.h)" '$(LDLIBS)' >$(DESTDIR)$(PREFIX)/lib/pkgconfig/winnow.pc
	install -m 644 corpus/machine-*.jsonl $(DESTDIR)$(PREFIX)/share/winnow/corpus/
	install -m 644 docs/man/*.1 $(DESTDIR)$(MANDIR)/man1/
uninstall:                     ## remove what install put there
	rm -rf $(DESTDIR)$(PREFIX)/bin/winnow $(DESTDIR)$(PREFIX)/lib/libwinnow.a $(DESTDIR)$(PREFIX)/lib/pkgconfig/winnow.pc $(DESTDIR)$(PREFIX)/share/doc/winnow $(DESTDIR)$(PREFIX)/include/winnow \
	  $(DESTDIR)$(PREFIX)/share/winnow $(DESTDIR)$(MANDIR)/man1/winnow*.1
dist:                          ## winnow-VERSION.tar.gz of the committed tree
	git archive --format=tar.gz --prefix=winnow/ -o winnow-$$(sed -n 's/.*WN_VERSION "\(.*\)"/\1/p' include/winnow/version.h).tar.gz HEAD
clean:                         ## remove everything that was built
	rm -rf build
help:                          ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

.PHONY: vectors vectors-fast repro repro-quick bench-lm kenlm all demo human test check check-full deps tests-built unit prop fault fuzz golden golden-update docs-run \
  human-tests bench asan ubsan tsan sanitizers valgrind lint format headers layers docs install uninstall dist clean help

-include $(LIBOBJ:.o=.d) $(CLIOBJ:.o=.d) $(SUPOBJ:.o=.d)
-include $(patsubst %.c,$(BUILD)/%.d,$(wildcard tests/*/*.c))
