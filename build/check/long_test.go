package main

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestFuzzTargets(t *testing.T) {
	t.Run("every fuzz test is found in its folder, and nothing of other modules", func(t *testing.T) {
		const source = "package x\n\nfunc FuzzRead(f *testing.F) {\n}\n\nfunc FuzzWrite(f *testing.F) { f.Fuzz(nil) }\n\nfunc TestFuzz(t *testing.T) {}\n"
		got, err := fuzzTargets(fstest.MapFS{
			"b/read_test.go":                    {Data: []byte(source)},
			"a/read_test.go":                    {Data: []byte(strings.ReplaceAll(source, "\n", "\r\n"))},
			"a/read.go":                         {Data: []byte(source)},
			"frontend/node_modules/m/x_test.go": {Data: []byte(source)},
			".git/x_test.go":                    {Data: []byte(source)},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []target{{"a", "FuzzRead"}, {"a", "FuzzWrite"}, {"b", "FuzzRead"}, {"b", "FuzzWrite"}}
		if !slices.Equal(got, want) {
			t.Errorf("found %v, want %v", got, want)
		}
	})
}

func TestCampaign(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	said := func(c campaign) string {
		list, err := c.steps(now)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, s := range list {
			all = append(all, strings.Join(append(s.env, s.argv...), " "))
		}
		return strings.Join(all, "\n")
	}
	for name, c := range map[string]struct {
		campaign campaign
		want     []string
	}{
		"a whole one has ten million schedules and a million power cuts": {campaign{share: 1, from: 7}, []string{
			"FIELDPAY_SIMULATE_SCHEDULES=10000000 FIELDPAY_SIMULATE_FROM=7", "FIELDPAY_PROOF_TIMES=200 FIELDPAY_PROOF_FROM=7"}},
		"a share of it has a share of each": {campaign{share: 0.001, from: 7}, []string{
			"FIELDPAY_SIMULATE_SCHEDULES=10000 ", "FIELDPAY_PROOF_TIMES=1 "}},
		"each run begins elsewhere": {campaign{share: 1}, []string{"FIELDPAY_PROOF_FROM=1795334400"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := said(c.campaign)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("there is no %q in\n%s", want, got)
				}
			}
		})
	}
	t.Run("a share of nothing is refused", func(t *testing.T) {
		if _, err := (campaign{}).steps(now); err == nil {
			t.Error("it is taken")
		}
	})
}
