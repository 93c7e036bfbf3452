package app

import (
	"context"
	"fmt"
	"time"

	"fieldpay/action"
)

// What a cap of the company says at the field of the amount.
const (
	overPaymentCap = "is more than may be taken at once without a connection"
	overTotalCap   = "is more than may be taken in all without a connection"
	overAgeCap     = "waits until older money is sent: connect first"
)

// checkCaps adds to fields what the company's caps say against taking an amount
// now. They bind while the server cannot be asked; without a company's word there
// are none, nor with a manager's word ([Bridge.Approve]). An amount that stands in the place of another counts it out.
func (r *running) checkCaps(ctx context.Context, amount int64, currency action.Currency, replaces string, fields map[string]string) error {
	caps := r.device.config.Company.Caps
	if reachable(r.replay.Status().Connection.State) || r.door.approved() || amount <= 0 || fields["amount"] != "" {
		return nil
	}
	if most, ok := caps.PaymentIn(currency); ok && amount > most.Minor {
		fields["amount"] = overPaymentCap
		return nil
	}
	most, ok := caps.TotalIn(currency)
	if !ok && caps.Age == 0 {
		return nil
	}
	taken, oldest, err := r.device.unsentMoney(ctx, currency, replaces)
	switch {
	case err != nil:
		return err
	case ok && taken+amount > most.Minor:
		fields["amount"] = overTotalCap
	case caps.Age > 0 && !oldest.IsZero() && time.Since(oldest) > caps.Age:
		fields["amount"] = overAgeCap
	}
	return nil
}

// unsentMoney sums what was taken or asked for in a currency and is not settled,
// and tells since when the oldest of it, in any currency, waits.
func (d *Device) unsentMoney(ctx context.Context, currency action.Currency, replaces string) (sum int64, oldest time.Time, err error) {
	v, err := d.view(ctx)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("summing unsent money: %w", err)
	}
	for _, l := range v.local {
		for _, e := range l.entries {
			var amount int64
			var in action.Currency
			switch p := e.payload.(type) {
			case *action.RecordPayment:
				amount, in = p.Amount, p.Currency
			case *action.CollectPayment:
				amount, in = p.Amount, p.Currency
			default:
				continue
			}
			if !e.State.Open() || e.ID == replaces {
				continue
			}
			if in.Normal() == currency.Normal() {
				sum += amount
			}
			if oldest.IsZero() || e.CreatedAt.Before(oldest) {
				oldest = e.CreatedAt
			}
		}
	}
	return sum, oldest, nil
}
