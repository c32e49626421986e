# finrig: `make help` lists the entry points. All output goes under build/ and results/.
# SPDX-License-Identifier: GPL-2.0-or-later
SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:

VERSION := 0.1
PREFIX ?= /usr/local
B := build

# `make V=1` shows the commands themselves.
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $@")

PACKAGES := glib-2.0 gio-2.0 gio-unix-2.0 json-glib-1.0 libpcap libarchive libcurl sqlite3 libelf libdw
PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
WARN := -std=c11 -Wall -Wextra -Wmissing-prototypes -Wshadow
CFLAGS ?= -O2 -g
# Debug information does not say where the checkout is: the same agent means the same initramfs and the same snapshots.
ANYWHERE := -ffile-prefix-map="$$PWD"=.
HOST_CFLAGS = $(CFLAGS) $(ANYWHERE) $(WARN) -D_GNU_SOURCE -DFINRIG_VERSION='"$(VERSION)"' -Iharness -Iharness/wire -I$(B)/gen $(PACKAGE_CFLAGS)
HOST_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

# musl has no kernel headers of its own: Debian's stand behind musl's, so that only linux/ and asm/ come from there.
GUEST_CC := musl-gcc
GUEST_CFLAGS = -O2 -g $(ANYWHERE) $(WARN) -D_GNU_SOURCE -static -Iharness/wire -Iinitramfs/agent -I$(B)/gen/agent -idirafter /usr/include -idirafter /usr/include/$(shell uname -m)-linux-gnu

WIRE := $(wildcard harness/wire/*.c)
HOST := $(filter-out harness/main.c,$(wildcard harness/*.c))
GENERATED := $(addprefix $(B)/gen/,analyzers.c reports.c commands.c report_page.c)
HOST_OBJECTS := $(HOST:%.c=$(B)/host/%.o) $(WIRE:%.c=$(B)/host/%.o) $(GENERATED:$(B)/gen/%.c=$(B)/host/gen/%.o)
AGENT := $(filter-out initramfs/agent/main.c,$(wildcard initramfs/agent/*.c))
AGENT_GENERATED := $(addprefix $(B)/gen/agent/,script_parser.c script_lexer.c)
AGENT_OBJECTS := $(AGENT:%.c=$(B)/guest/%.o) $(WIRE:%.c=$(B)/guest/%.o) $(AGENT_GENERATED:$(B)/gen/agent/%.c=$(B)/guest/gen/%.o)
SHIMS := $(B)/shims/cc $(B)/shims/perl
LOCKSTEP := $(B)/lockstep.so
HOST_TESTS := $(patsubst harness/tests/%.c,$(B)/tests/%,$(wildcard harness/tests/test_*.c))
AGENT_TESTS := $(patsubst initramfs/agent/tests/%.c,$(B)/tests/agent_%,$(wildcard initramfs/agent/tests/test_*.c))

# What make installs when it is missing.
BUILD_PACKAGES := gcc make libc6-dev pkg-config libglib2.0-dev libjson-glib-dev libpcap-dev libarchive-dev libcurl4-openssl-dev libsqlite3-dev libelf-dev libdw-dev flex bison musl-tools linux-libc-dev
RUN_PACKAGES := iproute2 dirmngr qemu-system-x86 busybox-static ca-certificates patch xz-utils bc perl git gpg gpgv dpkg-dev bzip2 python3
CHECK_PACKAGES := tshark ccache util-linux sqlite3 libxml2-utils python3-jsonschema chromium-headless-shell slurmctld slurmd slurm-client

# What reads bytes that others wrote, with a driver that gives it such; on the host, for its sanitizers.
FUZZED := $(foreach name,script*.c packet*.c symbols*.c job.c drain.c options.c tun.c,$(wildcard initramfs/agent/$(name))) \
	initramfs/agent/tests/fuzz_script.c $(AGENT_GENERATED)
FUZZED_HEADERS := $(wildcard initramfs/agent/*.h)
FUZZ_CFLAGS := -g -O1 -std=c11 -D_GNU_SOURCE -fno-sanitize-recover=all -Iharness/wire -Iinitramfs/agent -I$(B)/gen/agent

.PHONY: FORCE help deps build run bench shifts picture mutants case-table tour kernels check nightly bisect-proof check-programs fuzz clean install
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

deps: ## install the Debian packages that are missing (as root or with sudo)
	@harness/packages $(BUILD_PACKAGES) $(RUN_PACKAGES)

# The packages come first: pkg-config is asked while make reads this file, so the work is left to a second make.
run: ## boot the kernels, inject, capture, tell the buggy from the fixed (RUN_KERNELS=, RUN_CASES=, TARBALLS=)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory -j$(shell nproc) build
	$(B)/finrig run $(RUN_KERNELS:%=--kernel %) $(TARBALLS:%=--tarballs %) $(RUN_CASES)
RUN_KERNELS ?= debian-6.1 debian-6.1-mutant linux-2.6.32 linux-3.9.6
RUN_CASES ?= closing-fin-retransmit

kernels: ## get and build KERNELS= (default: those of `make run`), from TARBALLS= where given
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory -j$(shell nproc) build
	$(B)/finrig image $(TARBALLS:%=--tarballs %) $(KERNELS)
KERNELS ?= $(RUN_KERNELS)

check: ## all tests; REQUIRE=all turns skipped tests into failures
	@harness/packages $(BUILD_PACKAGES) $(RUN_PACKAGES) $(CHECK_PACKAGES)
	@$(MAKE) --no-print-directory -j$(shell nproc) build check-programs
	@harness/tests/run $(B)/tests/log $(AGENT_TESTS) $(HOST_TESTS) $(sort $(wildcard harness/tests/*.sh))
nightly: build ## the founding case 1000 times under load (REPEATS=): must be bit-identical
	REPEATS=$(REPEATS) REQUIRE=all harness/tests/run $(B)/tests/log harness/tests/snapshot.sh
REPEATS ?= 1000
bisect-proof: build ## bisect two generated histories over a whole kernel, killed three times each: minutes, and 3 GB of disk
	@harness/packages $(BUILD_PACKAGES) $(RUN_PACKAGES) $(CHECK_PACKAGES)
	@sh harness/tests/bisect/proof
check-programs: $(HOST_TESTS) $(AGENT_TESTS) $(B)/tests/fuzz_replay $(B)/tests/packet_pcap

fuzz: ## feed hostile scripts, packets and jobs to the agent's parsers with libFuzzer (FUZZ_SECONDS=3600)
	@harness/packages $(BUILD_PACKAGES) clang libclang-rt-14-dev
	@$(MAKE) --no-print-directory $(B)/fuzz/fuzz_script
	@mkdir -p $(B)/fuzz/corpus
	nice -n 19 $(B)/fuzz/fuzz_script -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=1500 -print_final_stats=1 \
	  -dict=initramfs/agent/tests/fuzz_script.dict -artifact_prefix=$(B)/fuzz/ $(B)/fuzz/corpus initramfs/agent/tests/corpus
FUZZ_SECONDS ?= 3600

bench: ## what a cell costs, one table of medians (BENCH_KERNELS=, REPEAT=5, PACKETDRILL=)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory -j$(shell nproc) build
	@harness/bench $(BENCH_KERNELS)
BENCH_KERNELS ?= debian-6.1 debian-6.1-mutant source-6.1
shifts: ## what --shift changes in every case, the table of docs/time.md (SHIFT_KERNELS=)
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory -j$(shell nproc) build
	@harness/shifts $(SHIFT_KERNELS)
SHIFT_KERNELS ?= debian-6.1 debian-6.12 source-6.1

picture: ## draw README's picture anew from results/latest (needs gnuplot)
	@harness/packages gnuplot-nox
	docs/picture results/latest debian-6.1 debian-6.1-mutant >docs/closing-fin-retransmit.svg

mutants: ## kernels that are wrong on purpose: the kill table; fails if no case tells one (MUTANTS_OF=source-6.1)
	@harness/packages $(BUILD_PACKAGES) $(RUN_PACKAGES) ccache
	@$(MAKE) --no-print-directory -j$(shell nproc) build
	$(B)/finrig mutants --of $(MUTANTS_OF)
MUTANTS_OF ?= source-6.1

case-table: ## write docs/cases.md anew from cases/ and kernels/
	docs/case-table >docs/cases.md

tour: build ## write docs/tour.md anew: its commands are run, their output is put in
	docs/tour >$(B)/tour.md && cp $(B)/tour.md docs/tour.md

build: $(B)/finrig $(LOCKSTEP) $(B)/agent $(B)/busybox $(SHIMS) ## build/finrig, the guest's agent, the toolchain shims

$(B)/finrig: $(B)/host/harness/main.o $(HOST_OBJECTS)
	$(say)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(HOST_LIBS)
$(B)/agent: $(B)/guest/initramfs/agent/main.o $(AGENT_OBJECTS)
	$(say)
	$(Q)$(GUEST_CC) -static -o $@ $^

# Exit 3: Debian's source package cannot be had (no network). Remove $(B)/busybox to try again.
$(B)/busybox: initramfs/busybox/build initramfs/busybox/busybox.config
	@initramfs/busybox/build $@ $(B)/busybox-work || { [ $$? -eq 3 ] && cp /bin/busybox $@ && \
	  echo "busybox: Debian's own instead; ls, globs and more will not work in a shell on 2.6.32 ... 2.6.38" >&2; }

# The dependencies of one file are its own business; everything depends on this Makefile because flags stand here.
$(B)/host/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(say)
	$(Q)$(CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/host/gen/%.o: $(B)/gen/%.c Makefile
	@mkdir -p $(@D)
	$(say)
	$(Q)$(CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/guest/%.o: %.c Makefile | $(AGENT_GENERATED)
	@mkdir -p $(@D)
	$(say)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/guest/gen/%.o: $(B)/gen/agent/%.c Makefile
	@mkdir -p $(@D)
	$(say)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -Wno-unused -MMD -MP -c -o $@ $<
$(B)/gen/agent/script_parser.c: initramfs/agent/script_parser.y
	@mkdir -p $(@D)
	$(Q)bison -Wall -Werror -d -o $@ $<
$(B)/gen/agent/script_lexer.c: initramfs/agent/script_lexer.l $(B)/gen/agent/script_parser.c
	@mkdir -p $(@D)
	$(Q)flex -o $@ $<

# One file = one extension: harness/analyze_fin.c must define `const struct analyzer analyze_fin`, and so on.
# $(1) struct, $(2) prefix, $(3) table, $(4) files
define table
	@mkdir -p $(@D)
	@{ echo '/* made by make from the names of $(2)_*.c */'; echo '#include "$(2).h"'; \
	   for name in $(sort $(patsubst harness/%.c,%,$(4))); do echo "extern const struct $(1) $$name;"; done; \
	   echo 'const struct $(1) *const $(3)[] = {'; \
	   for name in $(sort $(patsubst harness/%.c,%,$(4))); do echo "	&$$name,"; done; echo '	0'; echo '};'; } > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
endef
# Asked for at every make, so that a file taken away leaves the table; the table is only touched when it changes.
FORCE:
$(B)/gen/analyzers.c: FORCE
	$(call table,analyzer,analyze,analyzers,$(wildcard harness/analyze_*.c))
$(B)/gen/reports.c: FORCE
	$(call table,report,report,reports,$(wildcard harness/report_*.c))
$(B)/gen/commands.c: FORCE
	$(call table,command,command,commands,$(wildcard harness/command_*.c))

# The HTML report's style and script as strings: report_html/page.css is report_html_css.
PAGE := harness/report_html/page.css harness/report_html/page.js
$(B)/gen/report_page.c: $(PAGE) Makefile
	@mkdir -p $(@D)
	$(say)
	$(Q){ for file in $(PAGE); do echo "extern const char report_html_$${file##*.}[];"; echo "const char report_html_$${file##*.}[] ="; \
	   sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $$file; echo ';'; done; } >$@

$(B)/shims/cc: kernels/shims/cc.c
	@mkdir -p $(@D)
	$(say)
	$(Q)$(CC) $(CFLAGS) $(ANYWHERE) $(WARN) -D_GNU_SOURCE -o $@ $<
$(B)/shims/perl: kernels/shims/perl.c
	@mkdir -p $(@D)
	$(say)
	$(Q)$(CC) $(CFLAGS) $(ANYWHERE) $(WARN) -D_GNU_SOURCE -o $@ $<

$(LOCKSTEP): $(wildcard harness/preload/*.c) $(wildcard harness/preload/*.h) harness/wire/ports.h Makefile
	@mkdir -p $(@D)
	$(say)
	$(Q)$(CC) $(CFLAGS) $(ANYWHERE) $(WARN) -D_GNU_SOURCE -Iharness/wire -fPIC -shared -o $@ $(filter %.c,$^)

# Tests: host ones are GLib tests (TAP), agent ones print TAP themselves and run as the guest's static binary.
$(B)/tests/test_%: harness/tests/test_%.c $(HOST_OBJECTS)
	@mkdir -p $(@D)
	$(say)
	$(Q)$(CC) $(HOST_CFLAGS) -MMD -MP -MF $(B)/host/$(@F).d -o $@ $< $(HOST_OBJECTS) $(HOST_LIBS)
$(B)/tests/agent_test_%: initramfs/agent/tests/test_%.c $(AGENT_OBJECTS)
	@mkdir -p $(@D)
	$(say)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -MF $(B)/host/$(@F).d -o $@ $< $(AGENT_OBJECTS)

$(B)/tests/packet_pcap: initramfs/agent/tests/packet_pcap.c $(AGENT_OBJECTS)
	@mkdir -p $(@D)
	$(say)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(AGENT_OBJECTS)

$(B)/tests/fuzz_replay: initramfs/agent/tests/fuzz_replay.c $(FUZZED) $(FUZZED_HEADERS)
	@mkdir -p $(@D)
	$(say)
	$(Q)$(CC) $(FUZZ_CFLAGS) -fsanitize=address,undefined -o $@ $(filter %.c,$^)
$(B)/fuzz/fuzz_script: $(FUZZED) $(FUZZED_HEADERS)
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $(FUZZED)

install: build ## install under PREFIX= (default /usr/local)
	install -D -m 755 $(B)/finrig $(DESTDIR)$(PREFIX)/bin/finrig
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/libexec/finrig $(B)/agent $(B)/busybox $(LOCKSTEP)
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/libexec/finrig/shims $(SHIMS)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 docs/finrig.1
	install -D -m 644 harness/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/finrig
	cd kernels && find . -name '*.kernel' -o -path './config/*' -type f -o -path './patches/*' -type f -o -path './shims/*' -type f | \
		while read -r file; do install -D -m 644 "$$file" $(DESTDIR)$(PREFIX)/share/finrig/kernels/"$$file"; done
	cd initramfs && find root -type f | while read -r file; do install -D -m 755 "$$file" $(DESTDIR)$(PREFIX)/share/finrig/initramfs/"$$file"; done
	cd cases && find . -type f | while read -r file; do install -D -m 644 "$$file" $(DESTDIR)$(PREFIX)/share/finrig/cases/"$$file"; done

clean: ## remove what make built (kernels and sources in build/ stay; `rm -r build` for those)
	rm -rf $(B)/host $(B)/guest $(B)/gen $(B)/tests $(B)/finrig $(LOCKSTEP) $(B)/agent $(B)/shims

-include $(shell find $(B) -type f -name '*.d' -not -path '$(B)/image/*' -not -path '$(B)/source/*' -not -path '$(B)/bisect-proof/*' -not -path '$(B)/busybox-work/*' 2>/dev/null)
