# Builds partwise, its library and its tests. `make help` lists the targets and the variables.
# Three builds share the rules below: release, faults (failures on purpose, for the tests), asan.

VERSION := $(shell sed -n 's/^.define PW_VERSION "\(.*\)"/\1/p' include/partwise/version.h)
SOVERSION = 0

BUILD ?= build
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man

MPICC ?= mpicc
MPIRUN ?= mpirun
PKG_CONFIG ?= pkg-config
H5PCC ?= h5pcc
CFLAGS ?= -O3 -g
OPENMP ?= -fopenmp

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
Q = $(if $(VERBOSE),,@)
empty :=
comma := ,
hash := \#

# `make CC=clang`: the MPI wrappers take their compiler from the environment.
ifneq ($(filter command% environment%,$(origin CC)),)
export OMPI_CC ?= $(CC)
export MPICH_CC ?= $(CC)
endif

# As many jobs as there are cores, unless -j says otherwise.
ifeq ($(filter -j% --jobs%,$(MAKEFLAGS)),)
MAKEFLAGS += --jobs=$(shell nproc 2>/dev/null || echo 2)
endif

# ---- What is missing is installed first, for the targets that promise it. Make starts itself again when the script
# ---- has touched the file, so that the probes below see what is there now.
INSTALLING = demo check check-asan deps
ifneq ($(filter $(INSTALLING),$(MAKECMDGOALS)),)
ifeq ($(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),)
include $(BUILD)/deps.mk
$(BUILD)/deps.mk: FORCE
	@MPICC='$(MPICC)' scripts/install_deps.sh '$(BUILD)'
endif
endif

# ---- Where the libraries are. Each variable can be given on the command line or in the environment.
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
pkg_first = $(firstword $(foreach name,$(1),$(if $(call pkg,--modversion,$(name)),$(name))))
links = $(shell d=$$(mktemp -d) && echo 'int main(void) { return 0; }' >$$d/a.c && \
    $(MPICC) $$d/a.c -o $$d/a $(1) 2>/dev/null && echo yes; rm -rf "$$d")
# First choice of library flags that link, the last one if none does: $(call first_that_links,-la,-lb -lc)
first_that_links = $(if $(call links,$(1)),$(1),$(2))
h5pcc = $(filter $(1),$(shell $(H5PCC) -show 2>/dev/null))

ifndef HDF5_LIBS
HDF5_PKG := $(call pkg_first,hdf5-openmpi hdf5-mpich hdf5-mpi)
ifeq ($(HDF5_PKG),)
ifeq ($(call h5pcc,-l% -L% %.a %.so),)
HDF5_PKG := hdf5
endif
endif
ifneq ($(HDF5_PKG),)
HDF5_CFLAGS ?= $(call pkg,--cflags,$(HDF5_PKG))
HDF5_LIBS := $(or $(call pkg,--libs,$(HDF5_PKG)),-lhdf5)
else
HDF5_CFLAGS ?= $(call h5pcc,-I% -D%)
HDF5_LIBS := $(call h5pcc,-L% -l% -Wl% %.a %.so)
endif
endif
ifndef BLAS_LIBS
BLAS_CFLAGS ?= $(call pkg,--cflags,openblas)
BLAS_LIBS := $(or $(call pkg,--libs,openblas),$(call first_that_links,-lopenblas,-lcblas -llapack -lblas))
endif
ifndef SCALAPACK_LIBS
# Without the BLAS that its package names: there is one.
SCALAPACK_PKG := $(call pkg_first,scalapack-openmpi scalapack-mpich scalapack)
SCALAPACK_LIBS := $(or $(filter -L% -lscalapack%,$(if $(SCALAPACK_PKG),$(call pkg,--libs,$(SCALAPACK_PKG)))),\
    $(firstword $(call first_that_links,-lscalapack-openmpi $(BLAS_LIBS),-lscalapack)))
endif
ifndef INIH_LIBS
INIH_CFLAGS ?= $(call pkg,--cflags,inih)
INIH_LIBS := $(or $(call pkg,--libs,inih),-linih)
endif
ifndef ZLIB_LIBS
ZLIB_CFLAGS ?= $(call pkg,--cflags,zlib)
ZLIB_LIBS := $(or $(call pkg,--libs,zlib),-lz)
endif
ifndef CMOCKA_LIBS
CMOCKA_CFLAGS ?= $(call pkg,--cflags,cmocka)
CMOCKA_LIBS := $(or $(call pkg,--libs,cmocka),-lcmocka)
endif

# Warnings about the libraries' own headers are not ours; libraries in unusual places are found at run time too.
DEP_CFLAGS := $(patsubst -I%,-isystem %,$(HDF5_CFLAGS) $(BLAS_CFLAGS) $(INIH_CFLAGS) $(ZLIB_CFLAGS) \
    $(RANDOM123_CFLAGS))
LIBS := $(HDF5_LIBS) $(SCALAPACK_LIBS) $(BLAS_LIBS) $(INIH_LIBS) $(ZLIB_LIBS) -lm
LIBS += $(patsubst -L%,-Wl$(comma)-rpath$(comma)%,$(filter-out -L/usr/%,$(sort $(filter -L%,$(LIBS)))))

# ---- Flags
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-psabi $(if $(WERROR),-Werror)
PW_CPPFLAGS = -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -Iinclude -Isrc $(DEP_CFLAGS)
PW_CFLAGS = -std=c11 -fPIC -fno-math-errno -fno-trapping-math -ffp-contract=fast $(OPENMP) $(WARNINGS)

CFLAGS_release = $(CFLAGS)
CFLAGS_faults = -O1 -g -DPW_FAULTS
CFLAGS_asan = -O1 -g -fno-omit-frame-pointer -DPW_FAULTS $(LDFLAGS_asan)
LDFLAGS_asan = -fsanitize=address,undefined -fno-sanitize-recover=all
EXTRA_asan = $(BUILD)/asan/tests/sanitizer/keep_loaded.o

# ---- Files
SOURCES := $(wildcard src/*/*.c)
COMMAND_SOURCES := $(filter src/command/%,$(SOURCES))
LIBRARY_SOURCES := $(filter-out src/command/%,$(SOURCES))
# Compiled a second time, in short vectors (src/update/widths.h).
SHORT_SOURCES := $(addprefix src/update/,bpp.c hals.c mu.c newton.c residual.c)
HEADERS := $(wildcard include/partwise/*.h)
TEST_SOURCES := $(wildcard tests/unit/test_*.c tests/mpi/test_*.c)
SUPPORT_SOURCES := $(wildcard tests/support/*.c)
COMMIT := $(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)
PYTHON = $(BUILD)/venv/bin/python3

.PHONY: all release faults asan check check-asan demo bench deps probe install uninstall format lint clean help FORCE
FORCE:

all: release

# Keeps a text in a file, whose time changes only with the text: $(call keep,text)
define keep
@mkdir -p $(@D)
@printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' >$@
endef

# ---- The rules of one build: $(eval $(call build,NAME))
define build
$(1)_COMPILE = $$(MPICC) $$(PW_CPPFLAGS) $$(CPPFLAGS) $$(PW_CFLAGS) $$(CFLAGS_$(1))
$(1)_LINK = $$(MPICC) $$(OPENMP) $$(CFLAGS_$(1)) $$(LDFLAGS_$(1)) $$(LDFLAGS)
$(1)_LIBRARY_OBJECTS := $$(LIBRARY_SOURCES:%.c=$(BUILD)/$(1)/%.o) $$(SHORT_SOURCES:%.c=$(BUILD)/$(1)/%.short.o)
$(1)_COMMAND_OBJECTS := $$(COMMAND_SOURCES:%.c=$(BUILD)/$(1)/%.o)
$(1)_SUPPORT_OBJECTS := $$(SUPPORT_SOURCES:%.c=$(BUILD)/$(1)/%.o)
$(1)_TESTS := $$(TEST_SOURCES:%.c=$(BUILD)/$(1)/%)

$(BUILD)/$(1)/flags: FORCE
	@command -v $$(firstword $$(MPICC)) >/dev/null || { echo "$$(MPICC) is missing: run" \
	    "scripts/install_deps.sh, or load your cluster's MPI module, or set MPICC." >&2; exit 1; }
	$$(call keep,$$(OMPI_CC) $$($(1)_COMPILE) $$($(1)_LINK) $$(LIBS))
$(BUILD)/$(1)/sources: FORCE
	$$(call keep,$$(SOURCES) $$(SUPPORT_SOURCES))
$(BUILD)/$(1)/commit: FORCE
	$$(call keep,$$(VERSION) $$(COMMIT))

$(BUILD)/$(1)/src/base/version.o: $(BUILD)/$(1)/commit
$(BUILD)/$(1)/src/base/version.o: VERSION_FLAGS = -DPW_COMMIT='"$$(COMMIT)"'
$(BUILD)/$(1)/src/%.o: src/%.c $(BUILD)/$(1)/flags
	@mkdir -p $$(@D)
	@echo '  CC    $$< ($(1))'
	$$(Q)$$($(1)_COMPILE) $$(VERSION_FLAGS) -MMD -MP -c $$< -o $$@
$(BUILD)/$(1)/src/%.short.o: src/%.c $(BUILD)/$(1)/flags
	@mkdir -p $$(@D)
	@echo '  CC    $$< ($(1), short vectors)'
	$$(Q)$$($(1)_COMPILE) -DPW_SHORT_VECTORS -MMD -MP -c $$< -o $$@
$(BUILD)/$(1)/tests/%.o: tests/%.c $(BUILD)/$(1)/flags
	@mkdir -p $$(@D)
	@echo '  CC    $$< ($(1))'
	$$(Q)$$($(1)_COMPILE) -Wno-conversion -Itests $$(CMOCKA_CFLAGS) -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/libpartwise.a: $$($(1)_LIBRARY_OBJECTS) $(BUILD)/$(1)/sources
	@echo '  AR    $$@'
	$$(Q)rm -f $$@ && ar rcs $$@ $$($(1)_LIBRARY_OBJECTS)
$(BUILD)/$(1)/libpartwise.so.$(VERSION): $$($(1)_LIBRARY_OBJECTS) $(BUILD)/$(1)/sources
	@echo '  LINK  $$@'
	$$(Q)$$($(1)_LINK) -shared -Wl,-soname,libpartwise.so.$(SOVERSION) $$($(1)_LIBRARY_OBJECTS) $$(LIBS) -o $$@
	$$(Q)ln -sf $$(@F) $$(@D)/libpartwise.so.$(SOVERSION) && ln -sf $$(@F) $$(@D)/libpartwise.so
$(BUILD)/$(1)/partwise: $$($(1)_COMMAND_OBJECTS) $$(EXTRA_$(1)) $(BUILD)/$(1)/libpartwise.a
	@echo '  LINK  $$@'
	$$(Q)$$($(1)_LINK) $$^ $$(LIBS) -o $$@
$$($(1)_TESTS): %: %.o $$($(1)_SUPPORT_OBJECTS) $$(EXTRA_$(1)) $(BUILD)/$(1)/libpartwise.a
	@echo '  LINK  $$@'
	$$(Q)$$($(1)_LINK) $$^ $$(CMOCKA_LIBS) $$(LIBS) -o $$@

.SECONDARY: $$($(1)_TESTS:%=%.o) $$($(1)_SUPPORT_OBJECTS)
-include $$($(1)_LIBRARY_OBJECTS:.o=.d) $$($(1)_COMMAND_OBJECTS:.o=.d) $$($(1)_SUPPORT_OBJECTS:.o=.d) \
    $$($(1)_TESTS:=.d)
endef
$(foreach name,release faults asan,$(eval $(call build,$(name))))

release: $(BUILD)/release/partwise $(BUILD)/release/libpartwise.a $(BUILD)/release/libpartwise.so.$(VERSION)
faults: $(BUILD)/faults/partwise
asan: $(BUILD)/asan/partwise

# ---- Tests and the demonstration
# The installing happened while make read this file; `make deps` does nothing else.
deps:
	@echo 'all that is needed is there'

RUN_TESTS = MPIRUN='$(MPIRUN)' $(PYTHON) scripts/run_tests.py $(if $(TESTS),--only '$(TESTS)')
check: release faults $(release_TESTS)
	@$(RUN_TESTS) --static --build $(BUILD)/release --faults $(BUILD)/faults/partwise
check-asan: asan $(asan_TESTS)
	@$(RUN_TESTS) --sanitized --build $(BUILD)/asan --faults $(BUILD)/asan/partwise

# Containers have one user, root, and small machines one core: mpirun wants to be told that this is meant.
demo: release
	@OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
	    PARTWISE='$(abspath $(BUILD)/release/partwise)' PYTHON='$(abspath $(PYTHON))' \
	    MPIRUN='$(MPIRUN)' scripts/demo.sh

bench: release
	@$(BUILD)/release/partwise bench -o $(BUILD)/bench.json

format:
	@scripts/check_format.sh --fix
lint:
	@scripts/check_format.sh
	@scripts/check_includes.sh
	@if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh scripts/slurm/*.sbatch .ci/run; \
	    else echo 'shellcheck is not there: skipped'; fi

# Compiles and links one line with each library; says which is missing. Used by scripts/install_deps.sh.
# $(call probe,name,headers,libraries)
define probe
@d=$$(mktemp -d); printf '%s\n' $(foreach header,$(2),'$(hash)include <$(header)>') $(4) 'int main(void) { return 0; }' \
    >$$d/a.c; $(MPICC) $(OPENMP) $(DEP_CFLAGS) $(CMOCKA_CFLAGS) $$d/a.c -o $$d/a $(3) 2>/dev/null || echo '$(1)'; \
    rm -rf "$$d"
endef
PARALLEL_HDF5 = '$(hash)ifndef H5_HAVE_PARALLEL' '$(hash)error serial' '$(hash)endif'
NEEDS_LAPACK = 'void dpotrf_(void);' 'void (*needed)(void) = dpotrf_;'
NEEDS_SCALAPACK = 'void pdgeqrf_(void), Cblacs_gridinit(void);' \
    'void (*needed[])(void) = {pdgeqrf_, Cblacs_gridinit};'
probe:
	@command -v $(MPIRUN) >/dev/null || echo '$(MPIRUN)'
	$(call probe,MPI for C ($(MPICC)),mpi.h)
	$(call probe,parallel HDF5,hdf5.h,$(HDF5_LIBS),$(PARALLEL_HDF5))
	$(call probe,a BLAS with cblas.h and LAPACK,cblas.h,$(BLAS_LIBS),$(NEEDS_LAPACK))
	$(call probe,ScaLAPACK,mpi.h,$(SCALAPACK_LIBS) $(BLAS_LIBS) -lm,$(NEEDS_SCALAPACK))
	$(call probe,inih,ini.h,$(INIH_LIBS))
	$(call probe,Random123,Random123/philox.h)
	$(call probe,zlib,zlib.h,$(ZLIB_LIBS))
	$(call probe,cmocka,stdarg.h stddef.h stdint.h setjmp.h cmocka.h,$(CMOCKA_LIBS))

# ---- Installation
define PC_TEXT
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: partwise
Description: Non-negative matrix factorisation on many nodes
Version: $(VERSION)
Libs: -L$${libdir} -lpartwise
Libs.private: $(LIBS) $(OPENMP)
Cflags: -I$${includedir}
endef
export PC_TEXT

install: release
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)/partwise' \
	    '$(DESTDIR)$(MANDIR)/man1'
	install -m 755 $(BUILD)/release/partwise '$(DESTDIR)$(BINDIR)/partwise'
	install -m 644 $(BUILD)/release/libpartwise.a '$(DESTDIR)$(LIBDIR)/libpartwise.a'
	install -m 755 $(BUILD)/release/libpartwise.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/'
	ln -sf libpartwise.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/libpartwise.so.$(SOVERSION)'
	ln -sf libpartwise.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/libpartwise.so'
	install -m 644 $(HEADERS) '$(DESTDIR)$(INCLUDEDIR)/partwise/'
	printf '%s\n' "$$PC_TEXT" >'$(DESTDIR)$(LIBDIR)/pkgconfig/partwise.pc'
	$(BUILD)/release/partwise help --man >'$(DESTDIR)$(MANDIR)/man1/partwise.1'

uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/partwise' '$(DESTDIR)$(MANDIR)/man1/partwise.1' \
	    '$(DESTDIR)$(LIBDIR)/pkgconfig/partwise.pc' '$(DESTDIR)$(LIBDIR)/libpartwise.a' \
	    '$(DESTDIR)$(LIBDIR)/libpartwise.so' '$(DESTDIR)$(LIBDIR)/libpartwise.so.$(SOVERSION)' \
	    '$(DESTDIR)$(LIBDIR)/libpartwise.so.$(VERSION)'
	rm -rf '$(DESTDIR)$(INCLUDEDIR)/partwise'

clean:
	rm -rf $(BUILD)/release $(BUILD)/faults $(BUILD)/asan

define HELP_TEXT
Targets
  make              build/release/partwise and libpartwise (.a, .so)
  make demo         installs what is missing, builds, and shows NMF finding parts of images
  make check        installs what is missing, builds, and runs all tests; TESTS=word runs those whose name has it
  make check-asan   the same tests under the address and undefined-behaviour sanitizers
  make bench        measures this machine, and partwise on it: tables, and build/bench.json
  make asan         build/asan/partwise
  make install      program, library, headers, partwise.pc and man page; PREFIX=$(PREFIX) DESTDIR=
  make uninstall    removes them again
  make deps         only installs what is missing
  make probe        names the libraries that are not found
  make format       lays the sources out by .clang-format
  make lint         checks layout, include direction and shell scripts
  make clean        removes what was built
Variables (make NAME=value)
  MPICC             compiler of MPI programs: $(MPICC); CC=... chooses the compiler below it
  MPIRUN            starter of MPI programs for demo and tests: $(MPIRUN)
  CFLAGS LDFLAGS    of the release build: $(CFLAGS) $(LDFLAGS)
  HDF5_CFLAGS HDF5_LIBS    $(HDF5_CFLAGS) $(HDF5_LIBS)
  BLAS_CFLAGS BLAS_LIBS    $(BLAS_CFLAGS) $(BLAS_LIBS)
  SCALAPACK_LIBS    $(SCALAPACK_LIBS)
  INIH_*, ZLIB_*, CMOCKA_*, RANDOM123_CFLAGS    likewise
  OPENMP            $(OPENMP)
  WERROR=1          warnings are errors
  VERBOSE=1         shows the commands
  BUILD             folder for all that is built: $(BUILD)
endef
export HELP_TEXT
help:
	@printf '%s\n' "$$HELP_TEXT"
