# Thin verbs; the work is in scripts/ and e2e/. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
export OTLPIPE_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/otlpipe

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: ## install what the build and the tests need (Debian packages; asks for root through sudo)
	@scripts/install.sh

.PHONY: quickstart quickstart-down
quickstart: ## from nothing to a running pipeline on a one-node Kubernetes, with real telemetry through it
	@scripts/quickstart.sh
quickstart-down: ## undo quickstart
	@scripts/quickstart-down.sh

.PHONY: build
build: install ## otlpipe, otlpipe-worker and otlpipe-operator in build/bin/
	@scripts/build.sh

.PHONY: generate
generate: install ## rewrite the CRD and the reference page from proto/
	@cmake --preset dev >/dev/null && cmake --build build/dev -j $(JOBS) --target generate

.PHONY: test unit sanitize fuzz lint format tidy
test: install ## every check: format, lint, unit tests under the sanitizers, fuzz corpora, end to end
	@scripts/test.sh
unit: install ## the unit tests, without sanitizers
	@scripts/ctest.sh dev
sanitize: install ## the unit tests under address+undefined and thread sanitizers
	@scripts/ctest.sh asan-ubsan && scripts/ctest.sh tsan
fuzz: install ## replay the corpora and fuzz every target for a few seconds
	@scripts/ctest.sh fuzz
lint: install ## formatting, shell and Python checks, includes
	@scripts/lint.sh
tidy: install ## clang-tidy over what changed since its last clean run
	@scripts/tidy.py
format: install ## rewrite C++ and proto files in the house style
	@git ls-files '*.h' '*.cc' '*.proto' | xargs clang-format-19 -i

.PHONY: e2e
e2e: build ## the end-to-end scenarios; SCENARIO=name for one
	@e2e/run.sh $(SCENARIO)

.PHONY: bench bench-check
bench: build ## the worker beside the OpenTelemetry Collector, into docs/benchmarks; SCENARIO=name for one
	@e2e/tools/build.sh collector
	@scripts/bench.sh run $(SCENARIO)
bench-check: install ## count the instructions of the hot path and compare them with the baseline
	@scripts/bench.sh check

.PHONY: images
images: build ## container images of the operator and the worker
	@e2e/images/build.sh

.PHONY: cluster-up cluster-down
cluster-up: install ## the one-node Kubernetes alone; prints the KUBECONFIG to use
	@e2e/cluster/up.sh
cluster-down: ## stop it and remove every trace
	@e2e/cluster/down.sh

.PHONY: clean
clean: ## remove build/
	@rm -rf build
