# Two commands do everything: `make demo` and `make test`. Swift 6.2 or later must be installed.

SHELL := /bin/bash
KBLD := .build/release/kbld

.PHONY: build demo test unit conformance lint tools bench

build:
	swift build -c release --product kbld

demo: build
	KBLD=$(KBLD) demo/run.sh

test: tools lint unit conformance

# What the tests have on the other side.
tools:
	@missing=; for tool in chromium docker-registry skopeo podman buildah htpasswd openssl curl zstd git python3; do \
	  command -v $$tool >/dev/null || missing=1; done; \
	python3 -c 'import yaml' 2>/dev/null || missing=1; \
	if [ -n "$$missing" ]; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends \
	    chromium fonts-dejavu-core docker-registry skopeo podman buildah apache2-utils openssl curl zstd git python3 \
	    python3-yaml; fi

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

# Fuzzing takes all the processors, so it doesn't go beside tests that time something. The whole output is kept; of a
# failure the last lines tell.
tests = set -o pipefail; $(1) SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=3 swift test -c release --skip-build $(2) 2>&1 \
  | tee .build/test.log | grep --line-buffered -E '^(fuzz|✘|✔ Suite|✔ Test run)' \
  || { tail -n 40 .build/test.log; grep -E -A 4 '^✘ .*recorded' .build/test.log | cut -c 1-1000 | tail -n 20; exit 1; }

# Our own code must build without a warning; what the packages say is theirs.
unit:
	@mkdir -p .build; set -o pipefail; swift build -c release --build-tests 2>&1 | tee .build/build.log | grep -E '^(\[|Build|error|/)' | tail -n 40
	@! grep -E "$(CURDIR)/(Sources|Tests|Package).*(warning|error):" .build/build.log
	@$(call tests,KBLD_FUZZ_SECONDS=60,--filter FuzzTests)
	@$(call tests,KBLD_BIN=$(KBLD),--skip FuzzTests)

conformance: build
	python3 Tests/Conformance/run.py --bin $(KBLD)


# Speed beside other programs: docs/performance.md says how to read it. `make bench CASES="small far"` runs some only.
bench: tools build
	python3 Benchmarks/run.py --bin $(KBLD) $(CASES)
