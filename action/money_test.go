package action_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fieldpay/action"
)

func TestParseMoney(t *testing.T) {
	en, de := action.NumberFormatFor("en-US"), action.NumberFormatFor("de-DE")
	swiss, french, indian := action.NumberFormatFor("de-CH"), action.NumberFormatFor("fr-FR"), action.NumberFormatFor("en-IN")
	tests := []struct {
		name     string
		text     string
		currency action.Currency
		format   action.NumberFormat
		want     int64
	}{
		{"a whole amount has its minor digits added", "12", "usd", en, 1200},
		{"English groups and point", "1,234.50", "USD", en, 123450},
		{"German groups and comma", "1.234,50", "eur", de, 123450},
		{"Swiss apostrophes, typed straight", "1'234.50", "chf", swiss, 123450},
		{"French narrow spaces, typed plain", "1 234,50", "eur", french, 123450},
		{"Indian lakhs", "12,34,567.00", "inr", indian, 123456700},
		{"groups may be left out", "1234567.8", "usd", en, 123456780},
		{"no decimals in yen", "5000", "jpy", en, 5000},
		{"three decimals in dinar", "1.234", "kwd", en, 1234},
		{"surrounding space", "  0.05 ", "usd", en, 5},
		{"the largest amount", "9999999999999.99", "usd", en, action.MaxAmount},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := action.ParseMoney(tt.text, tt.currency, tt.format)
			if err != nil {
				t.Fatalf("ParseMoney(%q): %v", tt.text, err)
			}
			if got.Minor != tt.want || got.Currency != tt.currency.Normal() {
				t.Errorf("ParseMoney(%q) = %d %s, want %d", tt.text, got.Minor, got.Currency, tt.want)
			}
		})
	}
}

func TestParseMoney_refuses(t *testing.T) {
	en, de := action.NumberFormatFor("en-US"), action.NumberFormatFor("de-DE")
	tests := []struct {
		name, text string
		currency   action.Currency
		format     action.NumberFormat
	}{
		{"nothing", "", "usd", en},
		{"letters after digits", "12abc", "usd", en},
		{"an exponent", "1e3", "usd", en},
		{"a negative amount", "-5", "usd", en},
		{"a plus sign", "+5", "usd", en},
		{"a group in the wrong place", "1,23.50", "usd", en},
		{"the German notation in an English form", "1.234,50", "usd", en},
		{"the English notation in a German form", "1,234.50", "eur", de},
		{"two points", "1.2.3", "usd", en},
		{"a point without decimals", "12.", "usd", en},
		{"only a point", ".", "usd", en},
		{"more decimals than the currency has", "1.999", "usd", en},
		{"any decimals in yen", "10.5", "jpy", en},
		{"too large", "10000000000000", "usd", en},
		{"sixteen digits", "1234567890123456", "jpy", en},
		{"an unknown currency", "1", "xyz", en},
		{"digits of another script", "١٢", "usd", en},
		{"a NUL", "1\x00", "usd", en},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := action.ParseMoney(tt.text, tt.currency, tt.format); err == nil {
				t.Errorf("ParseMoney(%q) = %d, want an error", tt.text, got.Minor)
			} else if action.CodeOf(err) != action.InvalidPayload {
				t.Errorf("code = %s", action.CodeOf(err))
			}
		})
	}
}

func TestMoney_Decimal_reads_back(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(action.Currencies()).Draw(t, "currency")
		minor := rapid.Int64Range(0, action.MaxAmount).Draw(t, "minor")
		text := action.Money{Minor: minor, Currency: c}.Decimal()
		back, err := action.ParseMoney(text, c, action.PlainNumbers())
		if err != nil || back.Minor != minor {
			t.Fatalf("%d %s writes %q, reads %d (%v)", minor, c, text, back.Minor, err)
		}
	})
}

func TestCurrency(t *testing.T) {
	t.Run("every code is three letters, known, and listed once", func(t *testing.T) {
		seen := map[action.Currency]bool{}
		for _, c := range action.Currencies() {
			if len(c) != 3 || !c.Known() || seen[c] || c != c.Normal() {
				t.Errorf("%q is not a proper entry", c)
			}
			seen[c] = true
		}
		if len(seen) < 150 {
			t.Errorf("only %d currencies", len(seen))
		}
	})
	t.Run("pieces of the table are not currencies", func(t *testing.T) {
		for _, c := range []action.Currency{"", "us", "sd ", " us", "dae", "usdx", "d e"} {
			if c.Known() {
				t.Errorf("%q is known", c)
			}
		}
	})
	t.Run("minor digits follow ISO 4217", func(t *testing.T) {
		for c, want := range map[action.Currency]int{"JPY": 0, "usd": 2, "Kwd": 3, "isk": 0, "huf": 2, "iqd": 3} {
			if got := c.Digits(); got != want {
				t.Errorf("%s has %d digits, want %d", c, got, want)
			}
		}
	})
}

func TestTotalOf(t *testing.T) {
	tests := []struct {
		name  string
		lines []action.Line
		nets  []int64
		tax   int64
		total int64
	}{
		{"quantity times price, half up", []action.Line{{Quantity: "2.5", UnitPrice: 333}}, []int64{833}, 0, 833},
		{"a discount comes off the line", []action.Line{{Quantity: "3", UnitPrice: 1000, Discount: 500}}, []int64{2500}, 0, 2500},
		{"tax is rounded once per rate, not per line", []action.Line{
			{Quantity: "1", UnitPrice: 3, TaxRate: "19"}, {Quantity: "1", UnitPrice: 3, TaxRate: "19.0"},
		}, []int64{3, 3}, 1, 7},
		{"each rate by itself", []action.Line{
			{Quantity: "1", UnitPrice: 10000, TaxRate: "19"}, {Quantity: "1", UnitPrice: 10000, TaxRate: "7"}, {Quantity: "1", UnitPrice: 50},
		}, []int64{10000, 10000, 50}, 2600, 22650},
		{"a fine rate", []action.Line{{Quantity: "1", UnitPrice: 10000, TaxRate: "8.875"}}, []int64{10000}, 888, 10888},
		{"yen", []action.Line{{Quantity: "3", UnitPrice: 1200}, {Quantity: "0.5", UnitPrice: 333}}, []int64{3600, 167}, 0, 3767},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := action.TotalOf(tt.lines)
			if err != nil {
				t.Fatal(err)
			}
			if got.Tax != tt.tax || got.Total != tt.total {
				t.Errorf("tax %d total %d, want %d and %d", got.Tax, got.Total, tt.tax, tt.total)
			}
			for i, want := range tt.nets {
				if got.Nets[i] != want {
					t.Errorf("line %d nets %d, want %d", i, got.Nets[i], want)
				}
			}
		})
	}
}

func TestTotalOf_names_the_wrong_fields(t *testing.T) {
	_, err := action.TotalOf([]action.Line{
		{Quantity: "x", UnitPrice: 1},
		{Quantity: "1", UnitPrice: -1},
		{Quantity: "1", UnitPrice: 10, Discount: 11},
		{Quantity: "1", UnitPrice: 10, TaxRate: "101"},
		{Quantity: "0", UnitPrice: 10},
		{Quantity: "999999999", UnitPrice: action.MaxAmount},
	})
	fields := action.FieldsOf(err)
	for _, name := range []string{
		"lines[0].quantity", "lines[1].unitPrice", "lines[2].discount", "lines[3].taxRate", "lines[4].quantity", "lines[5].unitPrice",
	} {
		if fields[name] == "" {
			t.Errorf("%s is not named in %v", name, fields)
		}
	}
}

func TestTotalOf_is_exact(t *testing.T) {
	line := rapid.Custom(func(t *rapid.T) action.Line {
		price := rapid.Int64Range(0, 1_000_000_00).Draw(t, "price")
		return action.Line{
			Quantity:  rapid.StringMatching(`[1-9][0-9]{0,3}(\.[0-9]{1,4})?`).Draw(t, "quantity"),
			UnitPrice: price,
			Discount:  rapid.Int64Range(0, price).Draw(t, "discount"), // at least one is bought
			TaxRate:   rapid.SampledFrom([]string{"", "0", "7", "19", "8.875", "5.5"}).Draw(t, "rate"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(line, 1, 20).Draw(t, "lines")
		got, err := action.TotalOf(lines)
		if err != nil {
			t.Fatal(err)
		}
		if want := exactTotal(lines); got.Total != want {
			t.Fatalf("total %d, by rational numbers %d", got.Total, want)
		}
		lines[0], lines[len(lines)-1] = lines[len(lines)-1], lines[0]
		if again, _ := action.TotalOf(lines); again.Total != got.Total {
			t.Fatalf("the order of lines changes the total: %d, %d", got.Total, again.Total)
		}
	})
}

// exactTotal is an independent model of TotalOf in rational numbers.
func exactTotal(lines []action.Line) int64 {
	half := big.NewRat(1, 2)
	round := func(r *big.Rat) *big.Rat {
		r = new(big.Rat).Add(r, half)
		return new(big.Rat).SetInt(new(big.Int).Div(r.Num(), r.Denom()))
	}
	total, base := new(big.Rat), map[string]*big.Rat{}
	for _, l := range lines {
		q, _ := new(big.Rat).SetString(l.Quantity)
		net := round(q.Mul(q, new(big.Rat).SetInt64(l.UnitPrice)))
		net.Sub(net, new(big.Rat).SetInt64(l.Discount))
		total.Add(total, net)
		if base[l.TaxRate] == nil {
			base[l.TaxRate] = new(big.Rat)
		}
		base[l.TaxRate].Add(base[l.TaxRate], net)
	}
	for rate, net := range base {
		if r, ok := new(big.Rat).SetString(rate); ok {
			total.Add(total, round(new(big.Rat).Mul(net, r.Quo(r, big.NewRat(100, 1)))))
		}
	}
	return total.Num().Int64()
}

func TestParseQuantity(t *testing.T) {
	de := action.NumberFormatFor("de")
	for text, want := range map[string]string{"1": "1", "2,5": "2.5", "1.000": "1000", "0,2500": "0.25", "007": "7", "10,0": "10"} {
		if got, err := action.ParseQuantity(text, de); err != nil || got != want {
			t.Errorf("ParseQuantity(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	if got, err := action.ParsePercent("8,875 %", de); err != nil || got != "8.875" {
		t.Errorf("ParsePercent = %q, %v", got, err)
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"1,234.50", "1.234,50", "", "-1", "1e3", "٣", "1 234", "'"} {
		f.Add(s, "usd", "en")
		f.Add(s, "jpy", "de-CH")
	}
	f.Fuzz(func(t *testing.T, text, currency, locale string) {
		m, err := action.ParseMoney(text, action.Currency(currency), action.NumberFormatFor(locale))
		if err != nil {
			return
		}
		if m.Minor < 0 || m.Minor > action.MaxAmount {
			t.Fatalf("%q reads as %d", text, m.Minor)
		}
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, text)
		if !strings.HasPrefix(strconv.FormatInt(m.Minor, 10), strings.TrimLeft(digits, "0")) && m.Minor != 0 {
			t.Fatalf("%q reads as %d: digits were changed", text, m.Minor)
		}
	})
}
