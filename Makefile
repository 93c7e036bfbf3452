# What can be done here: `make help`. Long work lives in scripts under build/;
# every target may be called again at once and then does only what is missing.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DELETE_ON_ERROR:

BIN := build/bin
VERSION := $(shell build/version.sh)
# The sandbox shares no code with the rest, so it is told by a variable of its own.
LDFLAGS := -s -w -X fieldpay/internal/buildinfo.release=$(VERSION) -X main.version=$(VERSION)
# The version comes from the linker flag, so Go need not ask git again.
GOBUILD := go build -trimpath -buildvcs=false -ldflags "$(LDFLAGS)"
# The window wants cgo and GTK; webkit2_41 picks Debian 12's current WebKit.
WINDOW_TAGS := desktop,production,webkit2_41
CONSOLES := ./app/cmd/fieldpayctl ./bff/cmd/fieldpay-bff ./sandbox/cmd/fieldpay-sandbox

INSTALLED := frontend/node_modules/.installed
SCREENS := frontend/dist/index.html
# The catalogue of reasons is the one thing that screens and programs both read.
SCREEN_SOURCES := action/reasons.json $(shell find frontend -type f \
	-not -path 'frontend/node_modules/*' -not -path 'frontend/dist/*' -not -path 'frontend/e2e/*' -not -name '*.go')

say = @printf '==> %s\n' '$(1)'

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Start the server and the app (in a browser where there is no display)
	@build/run.sh

.PHONY: build
build: setup $(SCREENS) ## Build the four programs into build/bin/
	$(call say,building the console programs and the server: $(VERSION))
	@mkdir -p $(BIN)
	@CGO_ENABLED=0 $(GOBUILD) -o $(BIN)/ $(CONSOLES)
	$(call say,building the window (the first time takes a minute or two))
	@CGO_ENABLED=1 $(GOBUILD) -tags $(WINDOW_TAGS) -o $(BIN)/fieldpay .

.PHONY: test
test: setup-test build ## Run every check that guards main
	@go run -buildvcs=false ./build/check

# SHARE=1 takes weeks, SHARE=0.001 some hours; FROM=N does a run again.
.PHONY: test-long
test-long: setup-test ## Run the long forms: more seeds, fuzzing, bugs by hand (SHARE=0.001 FROM=seed)
	@go run -buildvcs=false ./build/check -long -share $(or $(SHARE),1) -from $(or $(FROM),0)

.PHONY: story
story: setup ## Run the stories: the main job as a script a salesperson can read
	@go test -count=1 -v ./internal/story

.PHONY: bench
bench: setup-test build ## Measure what must stay quick and small (BENCH="--only append": see docs/performance.md)
	@go run -buildvcs=false ./internal/bench $(BENCH)

.PHONY: package package-test
package: setup $(SCREENS) ## Make the installers for Linux and Windows in build/bin/packages
	@build/package/package.sh
package-test: setup $(SCREENS) ## Prove the installers: a clean Debian, wine, signatures (as root)
	@build/package/test.sh

.PHONY: clean
clean: ## Remove what was built
	@rm -rf $(BIN) frontend/node_modules
	@find frontend/dist -mindepth 1 -not -name .gitkeep -delete

# What a Debian machine lacks is installed; others are told what to install.
.PHONY: setup setup-test
setup:
	@build/setup.sh build
setup-test:
	@build/setup.sh build test

$(INSTALLED): frontend/package.json frontend/package-lock.json
	$(call say,installing the packages of the screens)
	@cd frontend && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

$(SCREENS): $(INSTALLED) $(SCREEN_SOURCES)
	$(call say,building the screens)
	@cd frontend && npm run --silent build -- --logLevel=warn
	@touch $@
