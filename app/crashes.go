package app

import (
	"fieldpay/app/crash"
	"fieldpay/app/event"
)

// collectCrashes notes what earlier programs of this device died of. It never
// keeps the device from opening.
func (d *Device) collectCrashes() {
	reports, err := crash.Collect(d.config.DataDir.Value)
	if err != nil {
		d.log.Warn().Err(err).Msg("crash reports could not be collected")
	}
	for _, r := range reports {
		d.log.Error().Str("kind", r.Kind).Str("report", r.ID).Msg("an earlier program crashed")
		d.record(event.AppCrashed, event.Fields{"kind": r.Kind, "report": r.ID})
	}
}
