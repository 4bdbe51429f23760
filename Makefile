# Two commands are all a new machine needs: make run, make test.

SHELL := bash
.DEFAULT_GOAL := help
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
PACKAGES := ./...
FUZZTIME ?= 60s
STEPS ?= 5000
RUNS ?= 200
SEED ?= 0
# For make audit, such as --without-lighthouse.
AUDIT ?=
# For make bench, such as '-only load -posts 20000'.
BENCH ?=

.PHONY: help run build editor editor-report editor-proof test bench check fuzz coherence audit clean

help: ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

build: ## Build bin/broadsheet.
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/broadsheet ./cmd/broadsheet

editor: ## Build the editor of the form of a post, web/static/editor.js, from web/editor.
	@deploy/require node
	@cd web/editor && npm ci --silent && npm run --silent build

editor-report: ## Measure the editor on a text of 50,000 words, in a browser.
	@deploy/require postgresql-or-docker chromium
	go test -run '^TestEditorReport$$' -v ./internal/browsertest -editor.words 50000

run: build ## Build and serve the demo blog on http://localhost:8080.
	@deploy/require postgresql
	@BROADSHEET_DEMO=$${BROADSHEET_DEMO:-true} bin/broadsheet serve

editor-proof: ## Count words while authors write and all that can fail does, in 200 random runs.
	@deploy/require postgresql chromium
	go test -run '^TestNoWordIsLost$$' -timeout 120m -v ./internal/browsertest -proof.runs $(RUNS) -proof.seed $(SEED) -proof.lanes 2

test: ## Run every test, on a real PostgreSQL and in a real browser.
	@deploy/require postgresql-or-docker chromium gcc
	go test -race -timeout 20m $(PACKAGES)

check: ## Check format, vet, staticcheck, modules and known vulnerabilities.
	@test -z "$$(gofmt -l cmd internal migrations web)" || { gofmt -d cmd internal migrations web; exit 1; }
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff
	go mod verify
	@deploy/vulncheck
	@# Where the editor's packages are installed, the bundle is made anew and compared.
	@[ ! -d web/editor/node_modules ] || { made=$$(mktemp -d) && (cd web/editor && node build.mjs $$made/editor.js) && cmp $$made/editor.js web/static/editor.js && rm -r $$made; }

bench: ## Measure pages on 1,000,000 posts, and the program under load beside nginx.
	@deploy/require postgresql nginx wrk
	go run ./cmd/bench $(BENCH)
	go test -run '^$$' -bench . -benchmem ./internal/negotiate ./internal/pagecache ./internal/server ./internal/reader ./internal/markdown

fuzz: ## Fuzz each parser of untrusted input for a minute each.
	@for package in $$(grep -rlE '^func Fuzz' --include='*_test.go' internal | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -hoE '^func Fuzz\w+' $$package/*_test.go | sed 's/func //'); do \
			echo "== $$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) ./$$package || exit 1; \
		done; \
	done

coherence: ## Change a blog at random, 5,000 times, while readers read on two copies.
	@deploy/require postgresql-or-docker gcc
	go test -race -run NoReaderSees -timeout 4h -v ./internal/server -coherence.steps $(STEPS)

audit: build ## Check the readers' pages with axe-core, the Nu checker and Lighthouse, and the authors' with axe-core.
	@deploy/require postgresql chromium node java
	@deploy/audit/run $(AUDIT)

clean: ## Remove what was built and the benchmark's database; never a blog.
	rm -rf bin .bench
