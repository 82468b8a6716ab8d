# The targets for rolecall's source. All need Go and make. lint also builds golangci-lint into ./bin.

GO      ?= go
BIN     := bin
# The race detector needs cgo and so a C compiler. SQLite, which is C translated to Go, goes without it and without
# checkptr: package rundb uses a connection in one goroutine at a time, and holds that itself under the detector. SQLite
# under the detector takes a third of the time of the tests of runs. No other package can go without it beside ones that
# have it: the detector does not see its sync.Once, and takes what that guards for a race. At the end of a process the
# detector waits a second for races: the scripts start hundreds of processes.
RACE    := $(if $(shell command -v $${CC:-cc} 2>/dev/null),-race '-gcflags=modernc.org/...=-d=checkptr=0 -race=false')
# What is tested without the detector: the tables, which it would take six times as long, and how much memory a run
# takes, which the detector changes. Without cgo the tests share what is built with the rolecall that scripts start, and
# make lint does the vetting.
ALONE   := ./csvio/...
MEMORY  := -run Memory ./job ./job/record
FUZZ    ?= 60s
CHAOS   ?= 2m
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
LINT_AT := v2.15.0
TARGETS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: help build test demo check lint cover bench fuzz chaos cross clean

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/rolecall
	$(GO) build -o $(BIN)/ .

test: ## run the tests
	CGO_ENABLED=0 $(GO) test -vet=off $(ALONE)
	CGO_ENABLED=0 $(GO) test -vet=off $(MEMORY)
	$(if $(RACE),CGO_ENABLED=1 GORACE="$(GORACE) atexit_sleep_ms=20") \
		$(GO) test -vet=off -timeout 40m -skip Memory $(RACE) $$($(GO) list ./... | grep -v '/csvio')

# The run and the emulator's org go into a folder that git ignores. So each demo is the same, and the user's own state
# does not change.
demo: build ## assign the samples' roles in the embedded emulator
	@rm -rf .demo && mkdir .demo
	@echo '$$ rolecall assign samples/deal_roles.csv --profile emulator --results -'
	@XDG_STATE_HOME="$(CURDIR)/.demo/state" \
		$(BIN)/rolecall assign samples/deal_roles.csv --profile emulator --run-dir .demo/run --results -; \
	code=$$?; echo; \
	if [ $$code -ne 1 ]; then echo "the demo should end with exit code 1, not $$code"; exit 1; fi; \
	echo "rolecall ended with exit code 1: some rows failed, on purpose." \
		"They are in .demo/run/failed.csv, the whole table in .demo/run/results.csv"

lint: $(BIN)/golangci-lint-$(LINT_AT) ## check the code
	$(BIN)/golangci-lint-$(LINT_AT) run ./...
	$(GO) mod tidy -diff

$(BIN)/golangci-lint-$(LINT_AT):
	GOBIN="$(CURDIR)/$(BIN)" $(GO) install $(LINT)@$(LINT_AT)
	mv $(BIN)/golangci-lint $@

check: ## what CI runs: tests, lint, builds for all systems
	.ci/run

cover: ## show which lines of source the tests run, in coverage.html
	$(GO) test -coverpkg=./... -coverprofile=coverage.out ./...
	$(GO) tool cover -html=coverage.out -o coverage.html
	@$(GO) tool cover -func=coverage.out | tail -1

bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

fuzz: ## fuzz each target for FUZZ (60s)
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZ) -fuzzminimizetime 5x $$package; \
		done; \
	done

chaos: ## kill and resume rolecall at random for CHAOS (2m); ROLECALL_CHAOS_SEED repeats a round
	ROLECALL_CHAOS_FOR=$(CHAOS) $(GO) test -count=1 -timeout 0 -v -run '^TestChaos$$' ./job/cli

cross: ## build for linux, macOS and Windows
	@set -e; for target in $(TARGETS); do \
		echo "$$target"; \
		suffix=; [ $${target%/*} = windows ] && suffix=.exe; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -trimpath \
			-o $(BIN)/cross/rolecall-$${target%/*}-$${target#*/}$$suffix .; \
	done

clean: ## remove what was built
	rm -rf $(BIN) .demo coverage.out coverage.html
