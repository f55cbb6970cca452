# Thin on purpose: meson.build builds, this file names the commands.
MESON_FLAGS ?=

.PHONY: all run test bench fuzz install clean deps

all: deps
	@[ -d build ] || meson setup build $(MESON_FLAGS) >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f build.log
	@ninja -C build --quiet

deps:
	@tools/install-deps build

# The main job: a firewall at work, in network namespaces of its own.
run: all
	@tools/run

# The whole suite, under ASan and UBSan, as root where namespaces are needed.
test:
	@tools/install-deps test
	@tools/test

bench: all
	@for b in bench/*/run; do [ -x "$$b" ] && "$$b" || exit 1; done

# Ten minutes a target; FUZZ_SECONDS=20 for a look.
fuzz:
	@tools/install-deps test
	@tools/fuzz

install: all
	@meson install -C build

clean:
	@rm -rf build build-asan build-fuzz
