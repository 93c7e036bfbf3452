package app

import "context"

// ReportNow reports at once, as the reporter would by itself a little later.
func (a *App) ReportNow(ctx context.Context) error {
	r, err := a.ready(ctx)
	if err != nil {
		return err
	}
	return (&reporter{device: r.device, replay: r.replay, inspector: r.inspector}).look(ctx)
}
