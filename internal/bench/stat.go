package main

import (
	"math"
	"slices"
	"time"
)

// median of an even number is the mean of the two in the middle; of none, NaN.
func median(list []float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(list))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// p50 is the median of spans.
func p50(spans []time.Duration) time.Duration {
	list := make([]float64, len(spans))
	for i, s := range spans {
		list[i] = float64(s)
	}
	return time.Duration(median(list))
}

// timed returns how long do took.
func timed(do func() error) (time.Duration, error) {
	began := time.Now()
	err := do()
	return time.Since(began), err
}

// turns measures several things in turns, so that they meet the same machine,
// and returns the spans of each.
func turns(times int, each ...func() error) ([][]time.Duration, error) {
	spans := make([][]time.Duration, len(each))
	for range times {
		for i, do := range each {
			took, err := timed(do)
			if err != nil {
				return nil, err
			}
			spans[i] = append(spans[i], took)
		}
	}
	return spans, nil
}

// ratioOf is the median of one list of spans over that of another.
func ratioOf(a, b []time.Duration) float64 { return float64(p50(a)) / float64(p50(b)) }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
