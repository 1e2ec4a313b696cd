# superd: GNU make.  The two commands that matter: make run, make check.

VERSION	:= 0.1.0
prefix	?= /usr/local
sbindir	?= $(prefix)/sbin
mandir	?= $(prefix)/share/man
sysconfdir ?= /etc
runstatedir ?= /run
unitdir	?= /lib/systemd/system

CC	?= cc
CLANG	?= clang
B	?= build
# Debian's pytest belongs to Debian's Python
PYTHON	:= $(shell for p in /usr/bin/python3 python3; do \
	$$p -c 'import pytest' 2>/dev/null && { echo $$p; break; }; done)
ifeq ($(PYTHON),)
PYTHON	:= /usr/bin/python3
endif

OPT	?= -O2 -g
WARN	:= -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wpointer-arith -Wformat=2 -Wcast-qual -Wundef
ifeq ($(WERROR),1)
WARN	+= -Werror
endif
HARDEN	:= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
HARDEN_LD := -pie -Wl,-z,relro,-z,now
try	= $(shell printf 'int main(void){return 0;}' | $(CC) -Werror $(1) \
	-x c -o /dev/null - 2>/dev/null && echo $(1))
HARDEN	+= $(call try,-fstack-clash-protection) $(call try,-fcf-protection)

HASH	:= \#
has	= $(shell printf '$(HASH)include <$(1)>\nint main(void){return 0;}' | \
	$(CC) $(2) -x c -fsyntax-only - 2>/dev/null && echo yes)
ifeq ($(call has,tcpd.h),yes)
FEATURES += -DHAVE_LIBWRAP
endif
TIRPC_CFLAGS := $(shell pkg-config --cflags libtirpc 2>/dev/null)
ifeq ($(call has,rpc/rpcb_clnt.h,$(TIRPC_CFLAGS)),yes)
FEATURES += -DHAVE_TIRPC $(TIRPC_CFLAGS)
endif

CPPFLAGS += -D_GNU_SOURCE -I. -DSUPERD_VERSION='"$(VERSION)"' \
	-DSYSCONFDIR='"$(sysconfdir)"' -DRUNSTATEDIR='"$(runstatedir)"' \
	$(FEATURES)
ALL_CFLAGS := -std=gnu11 $(OPT) $(WARN) $(HARDEN) $(SANITIZE) $(CFLAGS)
ALL_LDFLAGS := $(HARDEN_LD) $(SANITIZE) $(LDFLAGS)
LIBS	:= -lconfuse -lbsd -ldl

O	:= $(B)/obj
CONF	:= $(patsubst %.c,$(O)/%.o,$(wildcard conf/*.c))
SERVICES := $(patsubst %.c,$(O)/%.o,$(wildcard services/*.c))
CORE	:= $(patsubst %.c,$(O)/%.o,$(filter-out superd/main.c \
	superd/superctl.c,$(wildcard superd/*.c)))
UNITS	:= $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
PROBES	:= $(patsubst tests/run/probes/%.c,$(B)/probes/%,\
	$(wildcard tests/run/probes/*.c))
FUZZERS	:= $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,\
	$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all deps run check test clean install uninstall unit runtests asan \
	fuzz valgrind lint acceptance probes bench bench-quick
.DELETE_ON_ERROR:

all: $(B)/superd $(B)/superctl $(B)/inetd $(B)/xinetd

$(B)/superd: $(O)/superd/main.o $(CORE) $(CONF) $(SERVICES)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/superctl: $(O)/superd/superctl.o
	$(CC) $(ALL_LDFLAGS) -o $@ $^

$(B)/inetd $(B)/xinetd: $(B)/superd
	ln -sf superd $@

# objects of other flags are no use: the file changes when the flags do
FLAGS	:= $(CC) $(CPPFLAGS) $(ALL_CFLAGS)
$(O)/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || \
	    printf '%s\n' '$(subst ','\'',$(FLAGS))' > $@
force:

$(O)/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What is missing is installed; nothing is asked where all is there.
deps:
	@sh tests/deps.sh

run: deps
	@$(MAKE) --no-print-directory all
	@sh tests/try.sh $(B)

check: deps
	@PYTHON= $(MAKE) --no-print-directory test

test:
	@sh tests/check.sh

probes: $(PROBES)

$(B)/probes/%: tests/run/probes/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -o $@ $<

$(B)/unit/all.a: $(CORE) $(CONF) $(SERVICES)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

$(B)/unit/%: tests/unit/%.c tests/unit/unit.h tests/unit/fake_names.h \
	    $(B)/unit/all.a
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< \
	    $(B)/unit/all.a -lcmocka $(LIBS)

unit: $(UNITS)
	@sh tests/unit.sh $(UNITS)

runtests: all probes
	SUPERD=$(B)/superd SUPERCTL=$(B)/superctl PROBES=$(B)/probes \
	    $(PYTHON) -m pytest -q -p no:cacheprovider tests/run $(PYTEST)

asan:
	$(MAKE) B=$(B)/asan OPT='-O1 -g -fno-omit-frame-pointer' \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined' \
	    all unit probes

$(B)/fuzz/%: tests/fuzz/%.c $(wildcard conf/*.c conf/*.h tests/fuzz/*.h)
	@mkdir -p $(@D)
	$(CLANG) $(CPPFLAGS) -std=gnu11 -O1 -g \
	    -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=undefined -o $@ $< conf/*.c services/*.c \
	    $(LIBS)

fuzz: $(FUZZERS)
	@sh tests/fuzz.sh $(FUZZERS)

valgrind: all probes
	SUPERD=$(B)/superd SUPERCTL=$(B)/superctl PROBES=$(B)/probes \
	    SUPERD_WRAPPER='valgrind -q --track-fds=yes --error-exitcode=99 --leak-check=full' \
	    $(PYTHON) -m pytest -q -p no:cacheprovider \
	    tests/run/test_valgrind.py

lint:
	@sh tests/lint.sh

acceptance: all
	@sh tests/acceptance/prepare.sh
	SUPERD=$(B)/superd SUPERCTL=$(B)/superctl \
	    $(PYTHON) -m pytest -q -p no:cacheprovider tests/acceptance

install: all
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(mandir)/man5 \
	    $(DESTDIR)$(mandir)/man8 $(DESTDIR)$(unitdir) \
	    $(DESTDIR)$(sysconfdir)/default
	install -m 755 $(B)/superd $(B)/superctl $(DESTDIR)$(sbindir)
	install -m 644 man/*.5 $(DESTDIR)$(mandir)/man5
	install -m 644 man/*.8 $(DESTDIR)$(mandir)/man8
	sed 's|@sbindir@|$(sbindir)|' etc/superd.service \
	    > $(DESTDIR)$(unitdir)/superd.service
	test -e $(DESTDIR)$(sysconfdir)/default/superd || \
	    install -m 644 etc/default.superd \
	    $(DESTDIR)$(sysconfdir)/default/superd

uninstall:
	rm -f $(DESTDIR)$(sbindir)/superd $(DESTDIR)$(sbindir)/superctl \
	    $(DESTDIR)$(unitdir)/superd.service \
	    $(addprefix $(DESTDIR)$(mandir)/man5/,$(notdir $(wildcard man/*.5))) \
	    $(addprefix $(DESTDIR)$(mandir)/man8/,$(notdir $(wildcard man/*.8)))

clean:
	rm -rf $(B)/obj $(B)/unit $(B)/probes $(B)/fuzz $(B)/asan \
	    $(B)/superd $(B)/superctl $(B)/inetd $(B)/xinetd

-include $(shell find $(O) -name '*.d' 2>/dev/null)
