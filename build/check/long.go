package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// campaign is the long form of everything that tries seeds: what make test does
// for minutes, for as long as somebody has a machine to spare. It also breaks
// the code by hand, to see that the tests notice.
type campaign struct {
	// share is how much of it is done: 1 for all, which takes weeks.
	share float64
	// from is the seed after which it begins. One by the clock makes each run a
	// new one; a run is done again by the number that it prints.
	from uint64
}

// What a whole campaign has.
const (
	allSchedules = 10_000_000
	// allTimes is how many times the seeds of the short forms: a million power
	// cuts, 60,000 kills.
	allTimes = 200
	// allFuzzing is for each target.
	allFuzzing = 8 * time.Hour
	minFuzzing = 5 * time.Second
)

// steps returns what is to be done at now.
func (c campaign) steps(now time.Time) ([]step, error) {
	if c.share <= 0 || c.share > 1000 {
		return nil, errors.New("the share must be more than 0, and 1 is all")
	}
	if c.from == 0 {
		c.from = uint64(now.Unix())
	}
	times := strconv.Itoa(max(1, int(c.share*allTimes)))
	from := strconv.FormatUint(c.from, 10)
	proof := []string{"FIELDPAY_PROOF_TIMES=" + times, "FIELDPAY_PROOF_FROM=" + from}
	list := []step{
		{name: "mutations", argv: []string{"go", "run", "./build/mutate"}},
		{name: "proof", argv: endless("./internal/proof"), env: proof},
		{name: "schedules", argv: endless("-run", "^TestSchedules$", "./internal/simulate"), env: []string{
			"FIELDPAY_SIMULATE_SCHEDULES=" + strconv.Itoa(max(1, int(c.share*allSchedules))), "FIELDPAY_SIMULATE_FROM=" + from,
		}},
	}
	targets, err := fuzzTargets(os.DirFS("."))
	if err != nil {
		return nil, err
	}
	spent := max(minFuzzing, time.Duration(c.share*float64(allFuzzing)).Round(time.Second))
	for _, t := range targets {
		list = append(list, step{name: "fuzz", argv: []string{
			"go", "test", "-run", "^$", "-fuzz", "^" + t.name + "$", "-fuzztime", spent.String(), "./" + t.folder,
		}})
	}
	for i := range list {
		list[i].read, list[i].loud = exit, true
	}
	fmt.Printf("after seed %s, %s times the short forms, %v of fuzzing for each of %d targets; again by SHARE=%g FROM=%s\n",
		from, times, spent, len(targets), c.share, from)
	return list, nil
}

// endless is go test without an end but that of its seeds.
func endless(args ...string) []string {
	return append([]string{"go", "test", "-v", "-count", "1", "-timeout", "0"}, args...)
}

// target is one fuzz test of the module.
type target struct{ folder, name string }

var fuzzForm = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// fuzzTargets finds the fuzz tests below a folder, in the order of their names.
func fuzzTargets(module fs.FS) ([]target, error) {
	var found []target
	err := fs.WalkDir(module, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || len(path) > 1 && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		src, err := fs.ReadFile(module, path)
		if err != nil {
			return err
		}
		for _, m := range fuzzForm.FindAllSubmatch(bytes.ReplaceAll(src, []byte("\r"), nil), -1) {
			found = append(found, target{folder: filepath.ToSlash(filepath.Dir(path)), name: string(m[1])})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for fuzz tests: %w", err)
	}
	slices.SortFunc(found, func(a, b target) int { return strings.Compare(a.folder+"."+a.name, b.folder+"."+b.name) })
	return found, nil
}
