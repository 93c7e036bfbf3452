package action

import (
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Limits of a line. Quantities and rates are decimal strings, so that what a
// person typed is what is stored, shown and multiplied.
const (
	maxQuantityDigits   = 9
	maxQuantityDecimals = 4
	maxRateDecimals     = 4
	// MaxLines keeps an invoice within one composite graph of Salesforce (500
	// nodes) and on paper that a person reads.
	MaxLines = 200
)

// Line is one line of an invoice.
type Line struct {
	Description string `json:"description"`
	// Quantity is a decimal string with a point, e.g. "2.5".
	Quantity string `json:"quantity"`
	// UnitPrice and Discount are in minor units; Discount is off the line.
	UnitPrice int64 `json:"unitPrice"`
	Discount  int64 `json:"discount,omitempty"`
	// TaxRate is in percent as a decimal string, e.g. "19" or "8.875"; empty
	// means no tax.
	TaxRate string `json:"taxRate,omitempty"`
}

// Tax is what one rate adds to an invoice, in minor units.
type Tax struct {
	Rate   string
	Net    int64
	Amount int64
}

// Totals are the sums of an invoice in minor units.
type Totals struct {
	// Nets has the net of each line, in order.
	Nets  []int64
	Net   int64
	Taxes []Tax
	Tax   int64
	Total int64
}

// TotalOf sums lines: the net of a line is quantity x unit price rounded half
// up, less its discount; tax is rounded half up once per rate over the whole
// invoice. Rates that are equal as numbers are one rate.
//
// The error is an *Error of code InvalidPayload with the fields that are wrong.
func TotalOf(lines []Line) (Totals, error) {
	var f fieldErrors
	t := Totals{Nets: make([]int64, len(lines))}
	byRate := map[string]int64{}
	net := new(big.Int)
	for i, l := range lines {
		at := "lines[" + strconv.Itoa(i) + "]."
		t.Nets[i] = l.net(at, &f)
		net.Add(net, big.NewInt(t.Nets[i]))
		rate, ok := normalRate(l.TaxRate)
		if !ok {
			f.add(at+"taxRate", "must be a percentage from 0 to 100 with at most 4 decimals")
		} else if rate != "0" {
			byRate[rate] += t.Nets[i]
		}
	}
	if err := f.err(InvalidPayload); err != nil {
		return Totals{}, err
	}
	total := new(big.Int).Set(net)
	for _, rate := range slices.Sorted(maps.Keys(byRate)) {
		tax := taxOf(byRate[rate], rate)
		t.Taxes = append(t.Taxes, Tax{Rate: rate, Net: byRate[rate], Amount: tax})
		t.Tax += tax
		total.Add(total, big.NewInt(tax))
	}
	if !total.IsInt64() || total.Int64() > MaxAmount {
		f.add("amount", "is too large")
		return Totals{}, f.err(InvalidPayload)
	}
	t.Net, t.Total = net.Int64(), total.Int64()
	return t, nil
}

func (l Line) net(at string, f *fieldErrors) int64 {
	q, ok := parseDecimal(l.Quantity, maxQuantityDigits, maxQuantityDecimals)
	switch {
	case l.Quantity == "":
		f.add(at+"quantity", "is required")
	case !ok:
		f.add(at+"quantity", "must be a number with at most 4 decimals")
	case q.unscaled.Sign() == 0:
		f.add(at+"quantity", "must not be zero")
	}
	f.notNegative(at+"unitPrice", l.UnitPrice)
	f.notNegative(at+"discount", l.Discount)
	if !ok || l.UnitPrice < 0 {
		return 0
	}
	gross := divHalfUp(new(big.Int).Mul(q.unscaled, big.NewInt(l.UnitPrice)), pow10(q.scale))
	if !gross.IsInt64() || gross.Int64() > MaxAmount {
		f.add(at+"unitPrice", "makes the line too large")
		return 0
	}
	if l.Discount > gross.Int64() {
		f.add(at+"discount", "is more than the line")
		return 0
	}
	return gross.Int64() - l.Discount
}

// normalRate writes a rate without needless zeros, so that "19" and "19.0" are
// one rate.
func normalRate(rate string) (string, bool) {
	if rate == "" {
		return "0", true
	}
	d, ok := parseDecimal(rate, 3, maxRateDecimals)
	if !ok || d.unscaled.Cmp(new(big.Int).Mul(big.NewInt(100), pow10(d.scale))) > 0 {
		return "", false
	}
	if d.scale > 0 {
		rate = strings.TrimSuffix(strings.TrimRight(rate, "0"), ".")
	}
	return rate, true
}

func taxOf(net int64, rate string) int64 {
	d, _ := parseDecimal(rate, 3, maxRateDecimals)
	return divHalfUp(new(big.Int).Mul(d.unscaled, big.NewInt(net)), pow10(d.scale+2)).Int64()
}
