# finrig: `make help` lists the entry points. All output goes under build/ and results/.
# SPDX-License-Identifier: GPL-2.0-or-later
SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:

VERSION := 0.1
PREFIX ?= /usr/local
B := build

PACKAGES := glib-2.0 gio-2.0 gio-unix-2.0 json-glib-1.0 libpcap libarchive libcurl
WARN := -std=c11 -Wall -Wextra -Wmissing-prototypes -Wshadow
CFLAGS ?= -O2 -g
HOST_CFLAGS = $(CFLAGS) $(WARN) -D_GNU_SOURCE -DFINRIG_VERSION='"$(VERSION)"' -Iharness -Iharness/wire -I$(B)/gen $(shell pkg-config --cflags $(PACKAGES))
HOST_LIBS = $(shell pkg-config --libs $(PACKAGES))

# musl has no kernel headers of its own: Debian's stand behind musl's, so that only linux/ and asm/ come from there.
GUEST_CC := musl-gcc
GUEST_CFLAGS = -O2 -g $(WARN) -D_GNU_SOURCE -static -Iharness/wire -Iinitramfs/agent -I$(B)/gen/agent -idirafter /usr/include -idirafter /usr/include/$(shell uname -m)-linux-gnu

WIRE := $(wildcard harness/wire/*.c)
HOST := $(filter-out harness/main.c,$(wildcard harness/*.c))
GENERATED := $(addprefix $(B)/gen/,analyzers.c reports.c commands.c)
HOST_OBJECTS := $(HOST:%.c=$(B)/host/%.o) $(WIRE:%.c=$(B)/host/%.o) $(GENERATED:$(B)/gen/%.c=$(B)/host/gen/%.o)
AGENT := $(filter-out initramfs/agent/main.c,$(wildcard initramfs/agent/*.c))
AGENT_GENERATED := $(addprefix $(B)/gen/agent/,script_parser.c script_lexer.c)
AGENT_OBJECTS := $(AGENT:%.c=$(B)/guest/%.o) $(WIRE:%.c=$(B)/guest/%.o) $(AGENT_GENERATED:$(B)/gen/agent/%.c=$(B)/guest/gen/%.o)
SHIMS := $(B)/shims/cc $(B)/shims/perl
HOST_TESTS := $(patsubst harness/tests/%.c,$(B)/tests/%,$(wildcard harness/tests/test_*.c))
AGENT_TESTS := $(patsubst initramfs/agent/tests/%.c,$(B)/tests/agent_%,$(wildcard initramfs/agent/tests/test_*.c))

.PHONY: help build
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

build: $(B)/finrig $(B)/agent $(SHIMS) ## build/finrig, the guest's agent, the toolchain shims

$(B)/finrig: $(B)/host/harness/main.o $(HOST_OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ $(HOST_LIBS)
$(B)/agent: $(B)/guest/initramfs/agent/main.o $(AGENT_OBJECTS)
	$(GUEST_CC) -static -o $@ $^

# The dependencies of one file are its own business; everything depends on this Makefile because flags stand here.
$(B)/host/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/host/gen/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/guest/%.o: %.c Makefile | $(AGENT_GENERATED)
	@mkdir -p $(@D)
	$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/guest/gen/%.o: $(B)/gen/agent/%.c
	@mkdir -p $(@D)
	$(GUEST_CC) $(GUEST_CFLAGS) -Wno-unused -MMD -MP -c -o $@ $<
$(B)/gen/agent/script_parser.c: initramfs/agent/script_parser.y
	@mkdir -p $(@D)
	bison -Wall -Werror -d -o $@ $<
$(B)/gen/agent/script_lexer.c: initramfs/agent/script_lexer.l $(B)/gen/agent/script_parser.c
	@mkdir -p $(@D)
	flex -o $@ $<

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
$(B)/gen/analyzers.c: Makefile $(wildcard harness/analyze_*.c)
	$(call table,analyzer,analyze,analyzers,$(wildcard harness/analyze_*.c))
$(B)/gen/reports.c: Makefile $(wildcard harness/report_*.c)
	$(call table,report,report,reports,$(wildcard harness/report_*.c))
$(B)/gen/commands.c: Makefile $(wildcard harness/command_*.c)
	$(call table,command,command,commands,$(wildcard harness/command_*.c))

$(B)/shims/cc: kernels/shims/cc.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -D_GNU_SOURCE -o $@ $<
$(B)/shims/perl: kernels/shims/perl.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -D_GNU_SOURCE -o $@ $<

# Tests: host ones are GLib tests (TAP), agent ones print TAP themselves and run as the guest's static binary.
$(B)/tests/test_%: harness/tests/test_%.c $(HOST_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(HOST_OBJECTS) $(HOST_LIBS)
$(B)/tests/agent_test_%: initramfs/agent/tests/test_%.c $(AGENT_OBJECTS)
	@mkdir -p $(@D)
	$(GUEST_CC) $(GUEST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(AGENT_OBJECTS)

clean: ## remove what make built (kernels and sources in build/ stay; `rm -r build` for those)
	rm -rf $(B)/host $(B)/guest $(B)/gen $(B)/tests $(B)/finrig $(B)/agent $(B)/shims

-include $(shell find $(B) -name '*.d' -not -path '$(B)/image/*' -not -path '$(B)/source/*' 2>/dev/null)
