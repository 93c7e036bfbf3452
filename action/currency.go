package action

import (
	"slices"
	"strings"
)

// Currency is an ISO 4217 code. The wire writes it in lower case, as the
// reference does; either case is read.
type Currency string

// The active codes of ISO 4217 (list one, 2025) by their number of minor
// units. Funds codes, metals and the two four-digit units of account are left
// out: nobody pays with them. CLDR's digit counts differ for some currencies
// and must not be used for money that is stored.
const (
	noDecimals    = " bif clp djf gnf isk jpy kmf krw pyg rwf ugx vnd vuv xaf xof xpf "
	threeDecimals = " bhd iqd jod kwd lyd omr tnd "
	twoDecimals   = " aed afn all amd aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd btn bwp byn bzd " +
		"cad cdf chf cny cop crc cup cve czk dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gtq gyd " +
		"hkd hnl htg huf idr ils inr irr jmd kes kgs khr kpw kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk " +
		"mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub " +
		"sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt top try ttd twd tzs uah usd " +
		"uyu uzs ved ves wst xcd xcg yer zar zmw zwg "
)

// Normal returns the currency in its wire form.
func (c Currency) Normal() Currency { return Currency(strings.ToLower(string(c))) }

// Known reports whether c is an active code of ISO 4217.
func (c Currency) Known() bool {
	_, ok := c.digits()
	return ok
}

// Digits is the number of minor-unit digits: 0, 2 or 3. An unknown currency
// answers 2; callers that store money check Known first.
func (c Currency) Digits() int {
	d, _ := c.digits()
	return d
}

func (c Currency) digits() (int, bool) {
	if len(c) != 3 || strings.Contains(string(c), " ") {
		return 2, false
	}
	word := " " + string(c.Normal()) + " "
	switch {
	case strings.Contains(twoDecimals, word):
		return 2, true
	case strings.Contains(noDecimals, word):
		return 0, true
	case strings.Contains(threeDecimals, word):
		return 3, true
	default:
		return 2, false
	}
}

// Currencies returns every known currency in alphabetical order.
func Currencies() []Currency {
	var all []Currency
	for _, code := range strings.Fields(noDecimals + twoDecimals + threeDecimals) {
		all = append(all, Currency(code))
	}
	slices.Sort(all)
	return all
}
