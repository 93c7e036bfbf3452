package main

import (
	"context"
	"math"
)

// row is one property with its bars. The bars come from the targets that were
// set before there was code.
type row struct {
	key, property string
	unit          string
	// must is the bar that is missed or not, aim the one to be proud of.
	must, aim float64
	// atLeast says that more is better.
	atLeast bool
	// informs says that the row has no bars.
	informs bool
}

// rows are the table, in its order.
func rows() []row {
	return []row{
		{key: "append", property: "Append with validation, encoding, seal and chain / bare flush of 700 B, p50", must: 1.6, aim: 1.25},
		{key: "callers", property: "Appends a second of 32 callers / of 1 caller", must: 6, aim: 10, atLeast: true},
		{key: "flat-append", property: "Append after a long history / after a tenth of it, p50", must: 1.15, aim: 1.05},
		{key: "flat-drain", property: "Drain step of 100 after a long settled history / after none, p50", must: 1.2, aim: 1.05},
		{key: "flat-page", property: "Outbox page after a long settled history / after none, p50", must: 1.2, aim: 1.05},
		{key: "drain", property: "Drain of a backlog into our server on SQLite / its own apply rate at 8 x 100", must: 0.3, aim: 0.5, atLeast: true},
		{key: "apply-sqlite", property: "Server, 8 clients x 100, on SQLite / on memory", must: 0.10, aim: 0.20, atLeast: true},
		{key: "apply-postgres", property: "Server, 8 clients x 100, on PostgreSQL / on memory", must: 0.06, aim: 0.15, atLeast: true},
		{key: "apply-single", property: "Server, 32 clients x 1, on SQLite / on memory", must: 0.2, aim: 0.4, atLeast: true},
		{key: "gzip", property: "Bytes of a request with 100 actions or more, packed / plain", must: 0.30, aim: 0.22},
		{key: "link", property: "Share of a link of 300 ms and 1 Mbit/s used on a long backlog", must: 0.80, aim: 0.92, atLeast: true},
		{key: "calls", property: "Salesforce calls per three-line invoice of a long backlog", must: 0.05, aim: 0.02},
		{key: "calls-time", property: "Time of 1,000 such invoices, Salesforce at 200 ms, Stripe at 100 ms", unit: "s", must: 8, aim: 8},
		{key: "rss-device", property: "Peak memory of the device's core draining the backlog", unit: "MiB", must: 64, aim: 32},
		{key: "rss-device-flat", property: "The same / with a fifth of the backlog", must: 1.25, aim: 1.1},
		{key: "rss-server", property: "Peak memory of the server under that load", unit: "MiB", must: 192, aim: 96},
		{key: "rss-server-flat", property: "The same / after the first half of the load", must: 1.25, aim: 1.1},
		{key: "window", property: "Window painted after exec, long journal / empty journal", must: 1.2, aim: 1.05},
		{key: "seal", property: "Seal and chain alone / whole append, p50", informs: true},
	}
}

func keys() []string {
	var list []string
	for _, r := range rows() {
		list = append(list, r.key)
	}
	return list
}

// verdict says how a figure stands to the bars.
func (r row) verdict(v float64) string {
	within := func(bar float64) bool {
		if r.atLeast {
			return v >= bar
		}
		return v <= bar
	}
	switch {
	case math.IsNaN(v):
		return "not measured"
	case r.informs:
		return "-"
	case within(r.aim):
		return "aims"
	case within(r.must):
		return "ok"
	default:
		return "MISSED"
	}
}

// found is what a probe found for one row: the figure of every round, and in
// words what it was made of.
type found struct {
	rounds []float64
	detail string
	// rates are what was done a second, for the plot; those of the last round.
	rates []rate
}

// rate is something done so often a second.
type rate struct {
	What      string  `json:"what"`
	PerSecond float64 `json:"perSecond"`
}

// probe measures one row, or several that are seen in one go.
type probe struct {
	keys  []string
	doing string
	run   func(ctx context.Context, b *bench) (map[string]found, error)
}

// probes are in an order that lets the long histories be made once.
func probes() []probe {
	return []probe{
		{[]string{"append", "seal"}, "appending, in turns with a bare flush", probeAppend},
		{[]string{"callers"}, "appending from 1 and from 32 callers", probeCallers},
		{[]string{"flat-append"}, "appending after histories of two lengths", probeFlatAppend},
		{[]string{"flat-drain", "flat-page"}, "draining and listing after a long history and after none", probeFlatReads},
		{[]string{"apply-sqlite", "apply-postgres", "apply-single"}, "applying on the stores of the server", probeApply},
		{[]string{"drain", "rss-server", "rss-server-flat"}, "draining a backlog with fieldpayctl", probeDrain},
		{[]string{"rss-device", "rss-device-flat"}, "draining a backlog into a server that does not hold it up", probeMemory},
		{[]string{"gzip", "link"}, "sending a backlog over a long, thin link", probeLink},
		{[]string{"calls", "calls-time"}, "counting the calls of Salesforce", probeCalls},
		{[]string{"window"}, "opening the window", probeWindow},
	}
}
