# A fresh machine needs Python 3.11, make and git: every target sets up what it uses, once.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON := $(VENV)/bin/python
RUN := $(VENV)/.installed-run
# A comma would part the arguments of INSTALL.
EXTRAS := helm,cluster,aws,postgres
DEV := $(VENV)/.installed-dev
PEERS := .cache/peers/.installed
# Real manifests to compare on, where they lie beside the project.
MANIFESTS := $(wildcard ../shared/corpora/microservices-demo/kubernetes-manifests)

TOOLS := actionlint age helm kubeconform kustomize sops tofu
TOOL_BIN := $(CURDIR)/.cache/tools/bin
TOOL_FILES := $(TOOLS:%=$(TOOL_BIN)/%)
# Apart from the others: these take minutes, and only the tests on a live cluster need them.
CLUSTER_TOOLS := $(TOOL_BIN)/etcd $(TOOL_BIN)/.kubernetes
export PATH := $(TOOL_BIN):$(PATH)

PYTEST := $(PYTHON) -m pytest
# What both suites share: on two cores the workers pay from the first second on.
PARALLEL := --numprocesses auto --dist worksteal

define FIND_PYTHON
for candidate in $(BASE_PYTHON) python3 python3.11 python3.12 python3.13 python3.14 python; do \
    if "$$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
        echo "$$candidate"; exit 0; \
    fi; \
done; \
echo "readycheck needs Python 3.11 or newer with its venv module, and none was found on PATH." >&2; \
echo "Install it (on Debian: python3 and python3-venv) or name one: make BASE_PYTHON=/path/to/python3.11" >&2; \
exit 1
endef

# $(call INSTALL,folder of the environment,arguments of pip install)
define INSTALL
@echo "Installing into $(1): $(2)"
@$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2) || { \
    echo "pip could not install $(2): its own words are above." >&2; \
    echo "Without a way to the package index nothing can be set up; rm -r $(1) starts anew." >&2; \
    exit 1; }
endef

# $(call NEEDS_GO,what is built)
define NEEDS_GO
@command -v go >/dev/null || { echo "building $(1) needs Go (1.26 or newer): it is not on PATH" >&2; exit 1; }
@echo "Building $(1) into .cache/tools/bin"
endef

.PHONY: help demo test test-slow test-cluster check lint types current docs bench bench-cluster bench-history \
	tools tools-browser tools-cluster tools-postgres clean

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN) ## scan the small company in fixtures/estate
	@code=0; $(VENV)/bin/readycheck scan --no-history fixtures/estate || code=$$?; \
	case $$code in \
	    0) echo "Exit code 0: the estate is ready." ;; \
	    1) echo "Exit code 1, as meant: the estate has violations, and a pipeline would stop here." ;; \
	    3) echo "Exit code 3, as meant: parts of the estate could not be judged (see above for how to get the tools)." ;; \
	    *) exit $$code ;; \
	esac

test: $(DEV) ## run the tests that are quick and need no other program
	$(PYTEST) $(PARALLEL) -m "not slow"

test-slow: $(DEV) ## run the tests that take seconds or start real tools (see: make tools)
	$(PYTEST) $(PARALLEL) -m "slow and not cluster"

test-cluster: $(DEV) ## run the tests on a live cluster, which they start (see: make tools-cluster)
	$(PYTEST) -m cluster

check: lint types current test ## all that a change must pass: style, types, generated docs, tests

lint: $(DEV)
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check

types: $(DEV)
	$(PYTHON) -m mypy

CLUSTER_ROLE := deploy/kubernetes/base/clusterrole.yaml

docs: $(RUN) ## write the generated pages of docs/, and the ClusterRole of deploy/
	@mkdir -p docs
	@$(PYTHON) -m readycheck rules docs >docs/rules.md.new && mv docs/rules.md.new docs/rules.md
	@$(PYTHON) -m readycheck rules rbac | sed '/^#/,$$d' >$(CLUSTER_ROLE).new && mv $(CLUSTER_ROLE).new $(CLUSTER_ROLE)

current: $(RUN)
	@page=$$(mktemp) && trap 'rm -f "$$page"' EXIT && $(PYTHON) -m readycheck rules docs >"$$page" && \
	{ diff -u docs/rules.md "$$page" || { \
	    echo "docs/rules.md is not what the rules say: run make docs and commit it." >&2; exit 1; }; }

bench: $(DEV) $(PEERS) ## measure speed and memory against the floor and against peers
	$(PYTHON) bench/run.py --peer .cache/peers/bin/checkov $(MANIFESTS:%=--manifests %) $(ARGS)

bench-cluster: $(DEV) ## measure scans of a large cluster, which it starts (see: make tools-cluster)
	PYTHONPATH=. $(PYTHON) bench/cluster.py $(ARGS)

bench-aws: $(DEV) ## measure scans of a large account of AWS, which it starts
	PYTHONPATH=. $(PYTHON) bench/aws.py $(ARGS)

bench-history: $(DEV) ## measure a year of history, on SQLite and on a server (see: make tools-postgres)
	PYTHONPATH=. $(PYTHON) bench/history.py --postgresql $(ARGS)

tools: $(TOOL_FILES) ## build the real kustomize, helm, sops and others into .cache/tools/bin (needs Go)

tools-browser: ## install Chromium for the tests of the HTML report (Debian, Ubuntu)
	@command -v chromium >/dev/null || { \
	    sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); export DEBIAN_FRONTEND=noninteractive; \
	    $$sudo apt-get update --quiet=2 && \
	    $$sudo apt-get install --quiet=2 --yes --no-install-recommends chromium fonts-dejavu-core; }

tools-cluster: $(CLUSTER_TOOLS) ## build etcd and the control plane of Kubernetes (needs Go, and minutes)

tools-postgres: ## install PostgreSQL's server for the tests (Debian, Ubuntu)
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	    sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); export DEBIAN_FRONTEND=noninteractive; \
	    $$sudo apt-get update --quiet=2 && $$sudo apt-get install --quiet=2 --yes --no-install-recommends postgresql; }

clean: ## remove what the other targets made
	rm -rf $(VENV) .cache dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(PYTHON):
	@python=$$($(FIND_PYTHON)) && echo "Creating $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(RUN): pyproject.toml | $(PYTHON)
	$(call INSTALL,$(VENV),--upgrade 'pip>=25.1')
	$(call INSTALL,$(VENV),--editable '.[$(EXTRAS)]')
	@touch $@

$(DEV): pyproject.toml $(RUN)
	$(call INSTALL,$(VENV),--editable '.[$(EXTRAS)]' --group check)
	@touch $@

$(PEERS): bench/peers.txt | $(PYTHON)
	@$(PYTHON) -m venv .cache/peers
	$(call INSTALL,.cache/peers,--requirement bench/peers.txt)
	@touch $@

$(TOOL_FILES): $(TOOL_BIN)/%: tools/%/go.mod tools/%/go.sum
	$(call NEEDS_GO,$*)
	@GOBIN=$(TOOL_BIN) go -C tools/$* install -trimpath -ldflags='-s -w' tool
	@touch $@

# The package is called server, and go install would call the program so.
$(TOOL_BIN)/etcd: tools/etcd/go.mod tools/etcd/go.sum
	$(call NEEDS_GO,etcd)
	@mkdir -p $(TOOL_BIN) && go -C tools/etcd build -o $@ -trimpath -ldflags='-s -w' tool
	@touch $@

# Three programs of one module. A server tells the version that it was linked with, and rules judge that.
$(TOOL_BIN)/.kubernetes: tools/kubernetes/go.mod tools/kubernetes/go.sum
	$(call NEEDS_GO,the control plane of Kubernetes)
	@version=$$(awk '$$1 == "k8s.io/kubernetes" {print $$2}' tools/kubernetes/go.mod) && \
	minor=$${version#v1.} && minor=$${minor%%.*} && package=k8s.io/component-base/version && \
	GOBIN=$(TOOL_BIN) go -C tools/kubernetes install -trimpath -ldflags="-s -w -X $$package.gitVersion=$$version \
	    -X $$package.gitMajor=1 -X $$package.gitMinor=$$minor" tool
	@touch $@
