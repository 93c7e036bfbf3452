package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// exit reads a command that has one answer: its exit code.
func exit(out []byte, err error) result {
	if err != nil {
		return result{tally{0, 1}, string(out)}
	}
	return result{tally: tally{1, 0}}
}

// silence reads a command that fails by saying something, as gofmt -l does.
func silence(out []byte, err error) result {
	if err == nil && len(bytes.TrimSpace(out)) > 0 {
		return result{tally{0, 1}, "these files are not formatted:\n" + string(out)}
	}
	return exit(out, err)
}

var vitestLine = regexp.MustCompile(`(?m)^\s*Tests\s+(.*)$`)
var vitestCount = regexp.MustCompile(`(\d+) (passed|failed|skipped|todo)`)

// vitest reads the closing line "Tests  1 failed | 12 passed (13)". What was
// skipped counts as failed: it proves nothing.
func vitest(out []byte, err error) result {
	r := result{said: string(out)}
	if line := vitestLine.FindSubmatch(out); line != nil {
		for _, m := range vitestCount.FindAllStringSubmatch(string(line[1]), -1) {
			n, convErr := strconv.Atoi(m[1])
			if convErr != nil {
				continue
			}
			if m[2] == "passed" {
				r.passed += n
			} else {
				r.failed += n
			}
		}
	}
	return r.orOne(err)
}

var nodeLine = regexp.MustCompile(`(?m)^(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)$`)

// nodeTests reads the closing lines of node --test, "# pass 12".
func nodeTests(out []byte, err error) result {
	r := result{said: string(out)}
	for _, m := range nodeLine.FindAllSubmatch(out, -1) {
		n, convErr := strconv.Atoi(string(m[2]))
		if convErr != nil {
			continue
		}
		if string(m[1]) == "pass" {
			r.passed += n
		} else {
			r.failed += n
		}
	}
	return r.orOne(err)
}

// orOne counts one failure for a command that failed, or tested nothing, without
// saying so in its numbers.
func (r result) orOne(err error) result {
	if r.failed == 0 && (err != nil || r.passed == 0) {
		r.failed = 1
	}
	return r
}

// event is one line of go test -json.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// goTests reads go test -json: it counts tests and subtests without subtests of
// their own, and keeps what failed ones and failed builds said.
func goTests(out []byte, err error) result {
	report := goReport{said: map[string]*strings.Builder{}, parents: map[string]bool{}, outcome: map[string]string{}}
	for line := range bytes.Lines(out) {
		var e event
		if json.Unmarshal(line, &e) != nil {
			report.loose.Write(line) // what the go command itself says
			continue
		}
		report.add(e)
	}
	return report.result(err)
}

type goReport struct {
	loose   strings.Builder
	said    map[string]*strings.Builder
	parents map[string]bool
	outcome map[string]string
	order   []string
}

func (g *goReport) add(e event) {
	key := e.Package + e.ImportPath
	if e.Test != "" {
		key += "." + e.Test
		if i := strings.LastIndex(key, "/"); strings.Contains(e.Test, "/") {
			g.parents[key[:i]] = true
		}
	}
	switch e.Action {
	case "output", "build-output":
		if g.said[key] == nil {
			g.said[key] = &strings.Builder{}
		}
		g.said[key].WriteString(e.Output)
	case "pass", "fail", "skip", "build-fail":
		if e.Test != "" || e.Action == "fail" || e.Action == "build-fail" {
			g.outcome[key] = e.Action
			g.order = append(g.order, key)
		}
	}
}

// result counts leaves. A package or parent that failed is shown for what it
// said, and counted when no test below it failed (a panic, a build).
func (g *goReport) result(err error) result {
	var r result
	said := []string{strings.TrimSpace(g.loose.String())}
	for _, key := range g.order {
		if g.outcome[key] == "pass" {
			if !g.parents[key] {
				r.passed++
			}
			continue
		}
		if text := g.said[key]; text != nil {
			said = append(said, strings.TrimSpace(text.String()))
		}
		if !g.failedBelow(key) {
			r.failed++
		}
	}
	r.said = strings.TrimSpace(strings.Join(said, "\n"))
	return r.orOne(err)
}

func (g *goReport) failedBelow(key string) bool {
	for _, other := range g.order {
		below := strings.HasPrefix(other, key+".") || strings.HasPrefix(other, key+"/")
		if below && g.outcome[other] != "pass" {
			return true
		}
	}
	return false
}
