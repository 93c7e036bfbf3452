package stripe

import (
	"fmt"
	"slices"
	"strings"
)

const maxAmount = 99_999_999

// currencies that Stripe takes, in lower case; presentment support differs by account and is not modelled.
const currencies = " usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw "

// minimum is the smallest amount of a charge in minor units, where Stripe documents one.
func minimum(currency string) int64 {
	switch currency {
	case "usd", "eur", "aud", "brl", "cad", "chf", "inr", "jpy", "nzd", "sgd":
		return 50
	case "gbp":
		return 30
	case "aed", "myr", "pln", "ron":
		return 200
	case "bgn":
		return 100
	case "czk":
		return 1500
	case "dkk":
		return 250
	case "hkd":
		return 400
	case "huf":
		return 17500
	case "mxn", "thb":
		return 1000
	case "nok", "sek":
		return 300
	}
	return 1
}

func decimals(currency string) int {
	switch {
	case slices.Contains([]string{"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}, currency):
		return 0
	case slices.Contains([]string{"bhd", "jod", "kwd", "omr", "tnd"}, currency):
		return 3
	}
	return 2
}

func checkCurrency(currency string) *apiError {
	if currency == "" {
		return invalid("parameter_missing", "currency", "Missing required param: currency.")
	}
	if len(currency) != 3 || !strings.Contains(currencies, " "+currency+" ") {
		return invalid("", "currency", "Invalid currency: %s. Stripe currently supports these currencies:%s", currency, strings.TrimRight(currencies, " "))
	}
	return nil
}

func checkAmount(amount int64, currency string) *apiError {
	switch {
	case amount < 1:
		return invalid("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
	case amount < minimum(currency):
		return invalid("amount_too_small", "amount", "Amount must be at least %s", show(minimum(currency), currency))
	case amount > maxAmount:
		return invalid("amount_too_large", "amount", "Amount must be no more than %s", show(maxAmount, currency))
	case decimals(currency) == 3 && amount%10 != 0:
		return invalid("parameter_invalid_integer", "amount", "Invalid amount: amounts in %s must be evenly divisible by 10", currency)
	case (currency == "isk" || currency == "ugx") && amount%100 != 0:
		return invalid("parameter_invalid_integer", "amount", "Invalid amount: amounts in %s must be evenly divisible by 100", currency)
	}
	return nil
}

// show writes an amount the way messages do.
func show(amount int64, currency string) string {
	switch decimals(currency) {
	case 0:
		return fmt.Sprintf("%d %s", amount, currency)
	case 3:
		return fmt.Sprintf("%d.%03d %s", amount/1000, amount%1000, currency)
	}
	return fmt.Sprintf("%d.%02d %s", amount/100, amount%100, currency)
}
