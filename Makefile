# SPDX-License-Identifier: GPL-2.0
#
# Builds mini.ko and its tools, and runs them in guests.  `make help` lists
# what there is; Documentation/lab.rst tells how the guests work.

# One kernel or several, by the names of tools/kernels/kernels, or `running`.
KERNEL ?= $(if $(wildcard /lib/modules/$(shell uname -r)/build/Makefile),running,6.1)
# Those that `make test` runs on
KERNELS ?= 6.1 6.12 debug
# Tests to run, by name or pattern; all if empty
TESTS ?=
FILTER ?=

PREFIX ?= /usr/local
DESTDIR ?=

kernels := tools/kernels/kernels
vm := tools/vm/vm

.PHONY: all
all: modules tools

.PHONY: help
help:
	@echo 'make             mini.ko for KERNEL ($(KERNEL)), and the tools'
	@echo 'make demo        an unmodified curl and nginx over this stack, in a guest'
	@echo 'make vm          a shell in a guest; VM_ARGS="--kernel debug" and the like'
	@echo 'make test        all tests, in guests of KERNELS; TESTS="name..." runs some'
	@echo 'make kunit       the KUnit tests alone; FILTER="suite*" runs some'
	@echo 'make matrix      goodput and fairness beside Linux on many paths, in guests;'
	@echo '                 MATRIX_ARGS="--help" and the like; writes Documentation/matrix-tables.rst'
	@echo 'make bench       speed beside Linux, in guests; BENCH_ARGS="--kernel 6.12 --wall'
	@echo '                 --virtio --work NAME --quick --help" and the like; writes build/bench.json, .svg'
	@echo 'make bench-forward  packets passed on beside Linux, with few routes and with many'
	@echo 'make bench-fib   a million routes beside Linux: memory, loading, look-up'
	@echo 'make profile     where the instructions go: WORK=rr of the bench; FAMILY=mini or inet'
	@echo 'make programs    unmodified programs on this stack, beside Linux'"'"'s, in a guest;'
	@echo '                 PROGRAMS="name..." runs some; all: Documentation/programs-table.rst'
	@echo 'make check       sparse, checkpatch and the compiler'"'"'s warnings'
	@echo 'make modules     mini.ko alone; KERNEL="6.1 6.12 debug" for several'
	@echo 'make examples    a congestion control in a module of its own, for KERNEL'
	@echo 'make tools       mini, mini-run and the examples, into build/tools'
	@echo 'make selftests   the test programs, into build/selftests'
	@echo 'make kernels     fetch or build the guest kernels KERNELS'
	@echo 'make deps        install what is missing (asks for root by sudo)'
	@echo 'make install     mini.ko for the running kernel and the tools, to PREFIX'
	@echo 'make clean       remove build/; the cache of kernels stays'

.PHONY: deps
deps:
	@tools/vm/deps

.PHONY: kernels
kernels: deps
	@$(kernels) get $(KERNELS)

.PHONY: modules
modules: deps
	+@set -e; for kernel in $(KERNEL); do \
		tools/kernels/build-module $$kernel; \
	done

# Modules that build against mini.ko: a congestion control.
.PHONY: examples
examples: deps
	+@set -e; for kernel in $(KERNEL); do \
		$(MAKE) --no-print-directory -C \
			Documentation/examples/mini_cc_example KERNEL=$$kernel; \
	done

.PHONY: tools
tools: deps
	+@if [ -e tools/Makefile ]; then \
		$(MAKE) --no-print-directory -C tools O=$(CURDIR)/build/tools; \
	fi

# The kernel's own test headers come from its source package.
.PHONY: selftests
selftests: deps
	+@if [ -e selftests/Makefile ]; then \
		ksft=$$($(kernels) path debug src)/tools/testing/selftests && \
		$(MAKE) --no-print-directory -C selftests \
			O=$(CURDIR)/build/selftests KSFT=$$ksft; \
	fi

.PHONY: vm
vm: deps
	@$(kernels) get 6.1
	+@$(MAKE) --no-print-directory modules KERNEL=6.1
	+@$(MAKE) --no-print-directory tools
	@$(vm) $(VM_ARGS)

.PHONY: demo
demo: deps
	@$(kernels) get 6.1
	+@$(MAKE) --no-print-directory modules KERNEL=6.1
	+@$(MAKE) --no-print-directory tools
	@$(vm) --kernel 6.1 --smp 2 --timeout 300 -- tools/demo/demo

.PHONY: test
test: kernels
	+@$(MAKE) --no-print-directory modules KERNEL='$(KERNELS)'
	+@$(MAKE) --no-print-directory examples KERNEL='$(KERNELS)'
	+@$(MAKE) --no-print-directory tools
	+@$(MAKE) --no-print-directory selftests
	@tools/test/run --kernels '$(KERNELS)' --tests '$(TESTS)'

.PHONY: kunit
kunit: deps
	@$(kernels) get debug
	+@$(MAKE) --no-print-directory modules KERNEL=debug
	@tools/test/run --kunit --filter '$(FILTER)'

# The guests are of one kernel, the clock theirs: half an hour at most.
.PHONY: matrix
matrix: deps
	@$(kernels) get 6.1
	+@$(MAKE) --no-print-directory modules KERNEL=6.1
	+@$(MAKE) --no-print-directory tools
	+@$(MAKE) --no-print-directory selftests
	@tools/matrix/matrix $(or $(MATRIX_ARGS),--rst Documentation/matrix-tables.rst)

# Some minutes on two processors
bench_kernel = $(or $(filter 6.1 6.12,$(subst =, ,$(BENCH_ARGS))),6.1)
.PHONY: bench
bench: deps
	@$(kernels) get $(bench_kernel)
	+@$(MAKE) --no-print-directory modules KERNEL=$(bench_kernel)
	+@$(MAKE) --no-print-directory tools
	@tools/bench/bench $(BENCH_ARGS)

# Packets passed on, beside Linux's ip_forward
.PHONY: bench-forward
bench-forward: deps
	@$(kernels) get 6.1
	+@$(MAKE) --no-print-directory modules KERNEL=6.1
	+@$(MAKE) --no-print-directory tools
	@tools/bench/forward --json build/bench-forward.json $(FORWARD_ARGS)

# A million routes, beside Linux's fib_trie
.PHONY: bench-fib
bench-fib: deps
	@$(kernels) get 6.1
	+@$(MAKE) --no-print-directory modules KERNEL=6.1
	+@$(MAKE) --no-print-directory -C tools/bench/fib-look KERNEL=6.1
	+@$(MAKE) --no-print-directory tools
	@tools/bench/fib --json build/bench-fib.json $(FIB_ARGS)

# Where the instructions of a work of the bench go, by function
.PHONY: profile
profile: deps
	@$(kernels) get 6.1
	+@$(MAKE) --no-print-directory modules KERNEL=6.1
	+@$(MAKE) --no-print-directory tools
	@tools/bench/profile $(if $(FAMILY),--family $(FAMILY)) $(PROFILE_ARGS) $(or $(WORK),rr)

# Three dozen programs on two to four pairs of stacks: up to an hour.
PROGRAMS ?=
.PHONY: programs
programs: deps
	@$(kernels) get 6.1
	+@$(MAKE) --no-print-directory modules KERNEL=6.1
	+@$(MAKE) --no-print-directory tools
	@tools/programs/programs $(or $(PROGRAMS),--rst Documentation/programs-table.rst)

.PHONY: check
check: deps
	@$(kernels) get 6.1 debug
	+@tools/test/check

.PHONY: install
install: tools
	install -D -t $(DESTDIR)$(PREFIX)/bin build/tools/mini build/tools/mini-run
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/mini build/tools/libmini-run.so
	@if [ -e build/running/mini.ko ]; then set -x; \
		install -D -m 644 build/running/mini.ko \
			$(DESTDIR)/lib/modules/$$(uname -r)/updates/mini.ko; \
		[ -n "$(DESTDIR)" ] || depmod; \
	fi

.PHONY: clean
clean:
	rm -rf build
