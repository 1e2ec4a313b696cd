# superd: GNU make.  The two commands that matter: make run, make check.

VERSION	:= 0.2.0
prefix	?= /usr/local
sbindir	?= $(prefix)/sbin
mandir	?= $(prefix)/share/man
docdir	?= $(prefix)/share/doc/superd
bashcompdir ?= $(prefix)/share/bash-completion/completions
zshcompdir ?= $(prefix)/share/zsh/site-functions
fishcompdir ?= $(prefix)/share/fish/vendor_completions.d
sysconfdir ?= /etc
defaultdir ?= $(sysconfdir)/default
initdir	?= $(sysconfdir)/init.d
runstatedir ?= /run
unitdir	?= $(prefix)/lib/systemd/system
libexecdir ?= $(prefix)/libexec

CC	?= cc
CLANG	?= clang
CLANG_FORMAT ?= clang-format
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
HARDEN	:= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
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
ifeq ($(call has,seccomp.h),yes)
FEATURES += -DHAVE_SECCOMP
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

# What is made, a line each; V=1: the whole commands.
ifeq ($(V),1)
say	=
else ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
say	= @
else
say	= @printf '  %-4s %s\n' '$(1)' '$@';
endif

O	:= $(B)/obj
CONF	:= $(patsubst %.c,$(O)/%.o,$(wildcard conf/*.c))
SERVICES := $(patsubst %.c,$(O)/%.o,$(wildcard services/*.c))
CORE	:= $(patsubst %.c,$(O)/%.o,$(filter-out superd/main.c \
	superd/control/superctl.c superd/control/dialogue.c \
	superd/control/screen.c,\
	$(wildcard superd/*.c superd/*/*.c)))
CTL	:= $(addprefix $(O)/,superd/control/superctl.o \
	superd/control/command_words.o superd/control/dialogue.o \
	superd/control/screen.o superd/base/arguments.o \
	superd/base/rundir.o superd/base/text.o conf/units.o conf/utf8.o)
UNITS	:= $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*.c))
PROBES	:= $(patsubst tests/run/probes/%.c,$(B)/probes/%,\
	$(wildcard tests/run/probes/*.c))
BENCH	:= $(B)/bench/load $(addprefix $(B)/bench/,hello answer backend \
	floor_exec floor_answer floor_wait floor_datagram ballast.so)
FUZZERS	:= $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,\
	$(wildcard tests/fuzz/fuzz_*.c))

SOURCES	:= $(wildcard superd/*.[ch] superd/*/*.[ch] conf/*.[ch] \
	services/*.[ch] tests/*/*.[ch] tests/run/probes/*.[ch] \
	tests/bench/*/*.[ch])

.PHONY: all deps run check check-quick check-vm test clean install \
	install-inetd install-xinetd uninstall uninstall-inetd \
	uninstall-xinetd deb rpm unit runtests asan asan-unit asan-runtests \
	fuzz valgrind format lint acceptance package package-vm probes bench \
	bench-quick bench-selftest force
.DELETE_ON_ERROR:

all: $(B)/superd $(B)/superctl $(B)/inetd $(B)/xinetd

$(B)/superd: $(O)/superd/main.o $(CORE) $(CONF) $(SERVICES)
	$(call say,LINK)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/superctl: $(CTL)
	$(call say,LINK)$(CC) $(ALL_LDFLAGS) -o $@ $^

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
	$(call say,CC)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What is missing is installed; nothing is asked where all is there.
deps:
	@sh tests/deps.sh

run:
	@sh tests/deps.sh build
	@$(MAKE) --no-print-directory all
	@sh tests/try.sh $(B)

# make is started anew, since it looks for what was just installed
check: deps
	@$(MAKE) --no-print-directory test

check-quick: deps
	@sh tests/check.sh quick

test:
	@sh tests/check.sh

probes: $(PROBES)

$(B)/probes/%: tests/run/probes/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -o $@ $<

$(B)/probes/end $(B)/probes/linger: $(B)/probes/%: tests/run/probes/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -static -o $@ $<

$(B)/unit/all.a: $(CORE) $(CONF) $(SERVICES)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

$(B)/unit/%: tests/unit/%.c $(wildcard tests/unit/*.h) \
	    $(B)/unit/all.a
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< \
	    $(B)/unit/all.a -lcmocka $(LIBS)

# it counts what the table of sources compares
$(B)/unit/test_limiter: ALL_LDFLAGS += -Wl,--wrap=prefix_compare

# it takes the memory away
$(B)/unit/test_memory: ALL_LDFLAGS += -Wl,--wrap=calloc,--wrap=reallocarray

# One that does not compile is a failure, and keeps no other from running.
unit: all
	@mkdir -p $(B)/unit; rm -f $(B)/unit/broken
	@$(MAKE) --no-print-directory -k $(UNITS) || touch $(B)/unit/broken
	@sh tests/unit.sh $(UNITS) && test ! -e $(B)/unit/broken

runtests: all probes
	SUPERD=$(B)/superd SUPERCTL=$(B)/superctl PROBES=$(B)/probes \
	    PYTHON=$(PYTHON) sh tests/runtests.sh $(PYTEST)

# A build of its own, in which every error ends the program.
SANITIZED = B=$(B)/asan OPT='-O1 -g -fno-omit-frame-pointer' \
	SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=undefined'

asan:
	@$(MAKE) --no-print-directory asan-unit
	@$(MAKE) --no-print-directory asan-runtests

asan-unit:
	@$(MAKE) --no-print-directory $(SANITIZED) unit

asan-runtests:
	@$(MAKE) --no-print-directory $(SANITIZED) runtests

# Once more all objects, for the fuzzer to see which way they go.
FUZZED = B=$(B)/fuzz CC='$(CLANG)' OPT='-O1 -g' WARN= \
	SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'

$(B)/fuzz/unit/all.a: force
	@$(MAKE) --no-print-directory $(FUZZED) $@

$(B)/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h tests/unit/*.h) \
	    $(B)/fuzz/unit/all.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CLANG) $(CPPFLAGS) -std=gnu11 -O1 -g \
	    -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=undefined -o $@ $< \
	    $(B)/fuzz/unit/all.a $(WRAP) $(LIBS)

# what these are told is what the fuzzer wants
wrapped	= $(foreach name,$(1),-Wl,--wrap=$(name))
$(B)/fuzz/fuzz_sockdiag: WRAP := $(call wrapped,socket send recv)
$(B)/fuzz/fuzz_asker: WRAP := $(call wrapped,spawn_inside kill)
$(B)/fuzz/fuzz_loader: WRAP := $(call wrapped,process_fork)
$(B)/fuzz/fuzz_notices: WRAP := $(call wrapped,spawn_inside kill)
$(B)/fuzz/fuzz_commands: WRAP := $(call wrapped,kill)
$(B)/fuzz/fuzz_resolver: WRAP := $(call wrapped,spawn_inside kill waitpid)
$(B)/fuzz/fuzz_reports: WRAP := $(call wrapped,become_report_to)
$(B)/fuzz/fuzz_superctl: WRAP := $(call wrapped,isatty)
$(B)/fuzz/fuzz_superctl: superd/control/superctl.c \
	superd/control/dialogue.c superd/control/screen.c

fuzz:
	@mkdir -p $(B)/fuzz; rm -f $(B)/fuzz/broken
	@$(MAKE) --no-print-directory -k $(FUZZERS) || touch $(B)/fuzz/broken
	@sh tests/fuzz.sh $(FUZZERS) && test ! -e $(B)/fuzz/broken

valgrind: all probes
	SUPERD=$(B)/superd SUPERCTL=$(B)/superctl PROBES=$(B)/probes \
	    SUPERD_WRAPPER='valgrind -q --track-fds=yes --error-exitcode=99 --leak-check=full' \
	    JOBS=1 TESTS=tests/run/test_valgrind.py PYTHON=$(PYTHON) \
	    sh tests/runtests.sh

# A clean tree stays as it is: lint sees to that.
format:
	$(CLANG_FORMAT) -i $(SOURCES)

lint:
	@CLANG_FORMAT='$(CLANG_FORMAT)' SOURCES='$(SOURCES)' B='$(B)' FEATURES='$(FEATURES)' sh tests/lint.sh

acceptance: all probes
	@sh tests/acceptance/prepare.sh
	SUPERD=$(B)/superd SUPERCTL=$(B)/superctl PROBES=$(B)/probes \
	    JOBS=1 TESTS=tests/acceptance PYTHON=$(PYTHON) sh tests/runtests.sh

# What "make deb" makes; installed where the tests above have their servers.
package: all
	@sh tests/acceptance/prepare.sh
	B=$(B) JOBS=1 TESTS=tests/package PYTHON=$(PYTHON) \
	    sh tests/runtests.sh $(PYTEST)

# Whole hosts, emulated, each in a process of its own.
check-vm: all probes
	@sh tests/vm/prepare.sh $(B)/vm
	B=$(B) VM=$(B)/vm CC='$(CC)' PYTHON=$(PYTHON) TESTS=tests/vm JOBS=2 \
	    sh tests/runtests.sh

# The driver: tests/bench/run [--quick], an executable file.
BENCH_CC = $(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -pthread

$(B)/bench/load: $(wildcard tests/bench/load/*.[ch])
	@mkdir -p $(@D)
	$(BENCH_CC) -o $@ $(filter %.c,$^)

# what is started for each connection is static, as small servers are
$(B)/bench/hello $(B)/bench/answer: $(B)/bench/%: tests/bench/programs/%.c
	@mkdir -p $(@D)
	$(BENCH_CC) -static -o $@ $<

$(B)/bench/%.so: tests/bench/programs/%.c
	@mkdir -p $(@D)
	$(BENCH_CC) -shared -fPIC -o $@ $<

$(B)/bench/%: tests/bench/programs/%.c tests/bench/programs/floor.c \
	    tests/bench/programs/floor.h
	@mkdir -p $(@D)
	$(BENCH_CC) -o $@ $(filter %.c,$^)

bench bench-quick: all $(BENCH)
	@sh tests/bench/prepare.sh $(B)/bench-root
	@$(if $(filter bench,$@),sh tests/vm/prepare.sh $(B)/vm,:)
	SUPERD=$(B)/superd SUPERCTL=$(B)/superctl BENCH=$(B)/bench \
	    BENCH_ROOT=$(B)/bench-root VM=$(B)/vm CC='$(CC)' \
	    tests/bench/run $(if $(filter bench-quick,$@),--quick)

# That it is built, and calculates right: nothing is measured.
bench-selftest: $(BENCH)
	@tests/bench/run --selftest

# What the units have in common, and whom they replace, stands once.
OTHERS	:= inetd.service openbsd-inetd.service inetutils-inetd.service \
	rlinetd.service xinetd.service
FILL	= sed -e '/^@service@$$/{r etc/service.common' -e 'd}' $(1) | \
	sed -e 's|@sbindir@|$(sbindir)|g' -e 's|@sysconfdir@|$(sysconfdir)|g' \
	-e 's|@defaultdir@|$(defaultdir)|g' \
	-e 's|@runstatedir@|$(runstatedir)|g' \
	-e 's|@libexecdir@|$(libexecdir)|g' -e 's|@others@|$(OTHERS)|g'

install: all
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(mandir)/man5 \
	    $(DESTDIR)$(mandir)/man7 $(DESTDIR)$(mandir)/man8 \
	    $(DESTDIR)$(unitdir) $(DESTDIR)$(libexecdir) \
	    $(DESTDIR)$(docdir)/examples $(DESTDIR)$(defaultdir) \
	    $(DESTDIR)$(bashcompdir) $(DESTDIR)$(zshcompdir) \
	    $(DESTDIR)$(fishcompdir)
	install -m 755 $(B)/superd $(B)/superctl $(DESTDIR)$(sbindir)
	install -m 644 man/*.5 $(DESTDIR)$(mandir)/man5
	install -m 644 man/*.7 $(DESTDIR)$(mandir)/man7
	install -m 644 man/*.8 $(DESTDIR)$(mandir)/man8
	install -m 644 README.md LICENSE NEWS $(DESTDIR)$(docdir)
	install -m 644 etc/inetd.conf etc/superd.conf etc/Containerfile \
	    etc/kubernetes/superd.yaml etc/lock.conf etc/unlock.conf etc/box.conf \
	    etc/prometheus/superd.rules.yml etc/grafana/superd.json \
	    etc/superd.logrotate $(DESTDIR)$(docdir)/examples
	install -m 644 etc/completions/superctl.bash \
	    $(DESTDIR)$(bashcompdir)/superctl
	install -m 644 etc/completions/superd.bash \
	    $(DESTDIR)$(bashcompdir)/superd
	install -m 644 etc/completions/_superctl etc/completions/_superd \
	    $(DESTDIR)$(zshcompdir)
	install -m 644 etc/completions/superctl.fish \
	    etc/completions/superd.fish $(DESTDIR)$(fishcompdir)
	install -m 755 etc/superd-sessions $(DESTDIR)$(libexecdir)
	$(call FILL,etc/superd.service) > $(DESTDIR)$(unitdir)/superd.service
	chmod 644 $(DESTDIR)$(unitdir)/superd.service
	test -e $(DESTDIR)$(defaultdir)/superd || \
	    install -m 644 etc/default.superd \
	    $(DESTDIR)$(defaultdir)/superd

# In the place of the host's inetd or xinetd.  Nobody else's program, and no
# file of the administrator, is written over.
define replace
	@test ! -e $(DESTDIR)$(sbindir)/$(1) || \
	    test "$$(readlink $(DESTDIR)$(sbindir)/$(1))" = superd || { \
	    echo "$(sbindir)/$(1) is somebody else's" >&2; exit 1; }
	ln -sf superd $(DESTDIR)$(sbindir)/$(1)
	$(call FILL,etc/superd-$(1).service) \
	    > $(DESTDIR)$(unitdir)/superd-$(1).service
	chmod 644 $(DESTDIR)$(unitdir)/superd-$(1).service
	install -d $(DESTDIR)$(initdir)
	$(call FILL,etc/superd.init) | sed 's|@name@|$(1)|g' \
	    > $(DESTDIR)$(initdir)/superd-$(1)
	chmod 755 $(DESTDIR)$(initdir)/superd-$(1)
endef

install-inetd: install
	$(call replace,inetd)
	test -e $(DESTDIR)$(sysconfdir)/inetd.conf || \
	    install -m 644 etc/inetd.conf $(DESTDIR)$(sysconfdir)/inetd.conf
	@test -n "$(DESTDIR)" || sh etc/next-steps inetd

install-xinetd: install
	$(call replace,xinetd)
	@test -n "$(DESTDIR)" || sh etc/next-steps xinetd

# Packages are made from a copy of what git knows; nothing that this make was
# told is told to theirs.
define source
	rm -rf $(B)/$(1)
	mkdir -p $(B)/$(1)/superd-$(VERSION)
	if git ls-files --error-unmatch Makefile >/dev/null 2>&1; then \
	    git ls-files -z; else \
	    find . -path './$(B)' -prune -o -type f -print0; fi | \
	    xargs -0 tar -c | tar -x -C $(B)/$(1)/superd-$(VERSION)
endef

deb:
	@command -v dh >/dev/null || { \
	    echo "deb: not installed: debhelper" >&2; exit 1; }
	$(call source,deb)
	cd $(B)/deb/superd-$(VERSION) && env -i PATH="$$PATH" HOME="$$HOME" \
	    DEB_BUILD_OPTIONS="$$DEB_BUILD_OPTIONS" dpkg-buildpackage -us -uc

# Where dpkg has installed what rpmbuild needs, it does not know of it.
rpm:
	@command -v rpmbuild >/dev/null || { \
	    echo "rpm: not installed: rpmbuild" >&2; exit 1; }
	$(call source,rpm)
	tar -czf $(B)/rpm/superd-$(VERSION).tar.gz -C $(B)/rpm \
	    superd-$(VERSION)
	cd $(B)/rpm && env -i PATH="$$PATH" HOME="$$HOME" rpmbuild -ta \
	    --define "_topdir $$PWD" \
	    $(if $(wildcard /etc/debian_version),--nodeps) \
	    $(RPMBUILD_OPTIONS) superd-$(VERSION).tar.gz

# The packages on the hosts of check-vm; too slow for every make check.
package-vm: all probes deb
	@sh tests/vm/prepare.sh $(B)/vm
	B=$(B) VM=$(B)/vm CC='$(CC)' $(PYTHON) -m pytest -q -p no:cacheprovider \
	    $(PYTEST) tests/vm/package_inetd.py tests/vm/package_xinetd.py

# Configuration stays.
uninstall-inetd uninstall-xinetd: uninstall-%:
	! test "$$(readlink $(DESTDIR)$(sbindir)/$*)" = superd || \
	    rm -f $(DESTDIR)$(sbindir)/$*
	rm -f $(DESTDIR)$(unitdir)/superd-$*.service \
	    $(DESTDIR)$(initdir)/superd-$*

uninstall: uninstall-inetd uninstall-xinetd
	rm -f $(DESTDIR)$(sbindir)/superd $(DESTDIR)$(sbindir)/superctl \
	    $(DESTDIR)$(unitdir)/superd.service \
	    $(DESTDIR)$(libexecdir)/superd-sessions \
	    $(DESTDIR)$(bashcompdir)/superctl \
	    $(DESTDIR)$(zshcompdir)/_superctl \
	    $(DESTDIR)$(fishcompdir)/superctl.fish \
	    $(addprefix $(DESTDIR)$(mandir)/man5/,$(notdir $(wildcard man/*.5))) \
	    $(addprefix $(DESTDIR)$(mandir)/man7/,$(notdir $(wildcard man/*.7))) \
	    $(addprefix $(DESTDIR)$(mandir)/man8/,$(notdir $(wildcard man/*.8)))
	rm -rf $(DESTDIR)$(docdir)

clean:
	rm -rf $(B)/obj $(B)/unit $(B)/probes $(B)/bench $(B)/fuzz $(B)/asan $(B)/clang \
	    $(B)/results \
	    $(B)/superd $(B)/superctl $(B)/inetd $(B)/xinetd

-include $(shell find $(O) -name '*.d' 2>/dev/null)
