# Two commands do everything: `make demo` and `make tools test`. Swift 6.2 or later must be installed.

SHELL := /bin/bash
KBLD := .build/release/kbld

.PHONY: build demo dist test unit fuzz conformance references coverage field schemas lint libraries check-libraries tools check-tools bench

build: check-libraries
	swift build -c release --product kbld

demo: libraries build
	KBLD=$(KBLD) demo/run.sh

# What a release consists of, in dist/: built in a folder of its own, with no path of this machine in it. The same commit
# gives the same bytes. The compiler maps paths, but not their lengths: that folder's path always has the same one.
dist: check-libraries
	@scratch=/var/tmp/kbld-dist-$$(printf %s "$(CURDIR)" | sha256sum | cut -c 1-12); mkdir -p -m 700 "$$scratch"; \
	[ -O "$$scratch" ] && [ ! -L "$$scratch" ] || { echo "$$scratch belongs to somebody else"; exit 1; }; set -ex; \
	swift build -c release --product kbld --scratch-path "$$scratch" \
	  -Xcc -ffile-prefix-map=$$scratch=.build -Xcc -ffile-prefix-map=$(CURDIR)=. \
	  -Xswiftc -file-prefix-map -Xswiftc $$scratch=.build -Xswiftc -file-prefix-map -Xswiftc $(CURDIR)=.; \
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) python3 Packaging/dist.py --bin "$$scratch/release/kbld" \
	  --resolved Package.resolved --output dist

# What is compiled in of the system: `make build` says what is missing, `make libraries` installs it.
LIBRARIES := libcrypt-dev libsodium-dev libtomlplusplus-dev libyaml-dev libzstd-dev zlib1g-dev
AS_ROOT = sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; $$sudo sh -c
APT := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends
have_libraries = { for header in crypt sodium yaml zlib zstd; do echo "\#include <$$header.h>"; done | clang -x c -fsyntax-only - && \
  echo "\#include <toml++/toml.h>" | clang -x c++ -std=c++17 -E - >/dev/null; } 2>/dev/null

libraries:
	@$(have_libraries) || { $(AS_ROOT) '$(APT) $(LIBRARIES)'; }

check-libraries:
	@$(have_libraries) || { echo "libraries are missing; 'make libraries' installs them: $(APT) $(LIBRARIES)"; exit 1; }

test: check-tools lint unit conformance references

# What the tests have on the other side. `make test` installs nothing: what is missing is named, and suites that need it
# are skipped (in CI that is a failure). `make tools` installs it.
PACKAGES := apache2-utils binutils buildah chromium containerd curl docker-registry fish fonts-dejavu-core git jq \
  nginx-light openssl podman python3 python3-h2 python3-yaml runc skopeo strace tmux zsh zstd
INSTALL := $(APT) $(PACKAGES)
TOOLS := buildah chromium containerd ctr curl docker-registry fish git htpasswd jq nginx openssl podman python3 readelf \
  runc skopeo strace tmux zsh zstd
missing = for tool in $(TOOLS); do \
  PATH=$$PATH:/usr/sbin command -v $$tool >/dev/null || echo $$tool; done; \
  for module in h2 yaml; do python3 -c "import $$module" 2>/dev/null || echo "python3's $$module"; done

tools: libraries
	@if [ -n "$$($(missing))" ]; then $(AS_ROOT) '$(INSTALL)'; fi
	@# Where python3 isn't Debian's.
	@python3 -c 'import h2, yaml' 2>/dev/null || python3 -m pip install -q --root-user-action=ignore h2 PyYAML

check-tools:
	@missing=$$($(missing)); [ -z "$$missing" ] || { echo "not installed, so some tests are skipped:" $$missing; \
	  echo "'make tools' installs it: $(INSTALL)"; }

lint:
	swift format lint --strict --recursive Package.swift Plugins Examples Sources Tests

# Fuzzing takes all the processors, so it doesn't go beside tests that time something. The whole output is kept; of a
# failure the last lines tell.
tests = set -o pipefail; $(1) SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=3 swift test -c release --skip-build $(2) 2>&1 \
  | tee .build/test.log | grep --line-buffered -E '^(fuzz|✘|✔ Suite|✔ Test run)' \
  || { tail -n 40 .build/test.log; grep -E -A 4 '^✘ .*recorded' .build/test.log | cut -c 1-1000 | tail -n 20; exit 1; }; \
  grep -E '^➜ .*skipped' .build/test.log | tee .build/skipped.log; \
  [ ! -s .build/skipped.log ] || { echo "skipped: $$(wc -l < .build/skipped.log)"; [ -z "$$CI" ]; }

# Our own code must build without a warning; what the packages say is theirs.
unit: check-libraries
	@mkdir -p .build; set -o pipefail; swift build -c release --build-tests 2>&1 | tee .build/build.log | grep -E '^(\[|Build|error|/)' | tail -n 40
	@! grep -E "$(CURDIR)/(Examples|Sources|Tests|Package).*(warning|error):" .build/build.log
	@$(call tests,KBLD_FUZZ_SEED=$${KBLD_FUZZ_SEED:-1} KBLD_FUZZ_SECONDS=60,--filter FuzzTests)
	@$(call tests,KBLD_BIN=$(KBLD),--skip FuzzTests)

# Other inputs each time, and for longer: what `make test` says depends on the commit alone. SECONDS is for each target.
SECONDS ?= 300
fuzz: check-libraries
	swift build -c release --build-tests
	@$(call tests,KBLD_FUZZ_SECONDS=$(SECONDS),--filter FuzzTests)

# Lines that the unit tests cover, a target a line; in a build folder of its own, and not a part of `make test`.
coverage:
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=3 swift test --enable-code-coverage --scratch-path .build-coverage --skip IntegrationTests --skip FuzzTests
	python3 Tests/coverage.py "$$(swift test --scratch-path .build-coverage --show-codecov-path)"

# Recorded behaviour of the original.
conformance: build
	python3 Tests/Conformance/run.py --bin $(KBLD)

# The images that this project itself names: nothing unpinned is to be added to what is known.
references: build
	$(KBLD) check --offline -f .github -f .devcontainer -f Examples -f Packaging -f action.yml --baseline .ci/references.json

# Situations that people reported. Some wait for what isn't there yet, and some take minutes: not a part of `make test`.
field: check-tools build
	python3 Tests/Field/run.py --bin $(KBLD)

# The recorded configuration of clusters, shown to what knows its formats: kubectl, Helm, skopeo, and kubernetes-validate and
# common-expression-language of PyPI. What isn't installed is named; `make test` needs none of it. `make schemas
# SCHEMAS=FOLDER` also has the schemas of projects: run.py says which.
schemas:
	python3 Tests/Schemas/run.py --record $(if $(SCHEMAS),--schemas $(SCHEMAS))

# Speed beside other programs: docs/performance.md says how to read it. `make bench CASES="small far"` runs some only,
# `make bench PEERS=folder` puts kbld beside the programs in a folder, in turns.
bench: tools build
	python3 Benchmarks/run.py --bin $(KBLD) $(if $(PEERS),--peers $(PEERS)) $(CASES)
