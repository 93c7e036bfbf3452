package app

import (
	"context"
	"fmt"
	"path/filepath"

	"fieldpay/action"
	"fieldpay/app/event"
	bffclient "fieldpay/bff-client"
	"fieldpay/queue"
)

// replay makes the replay of the device. The journal knows no server and the
// client no journal; courier stands between them.
func (d *Device) replay() (*queue.Replay, error) {
	c := courier{d}
	r, err := queue.NewReplay(queue.ReplayOptions{
		Journal: d.journal, Sender: c, Prober: c, Logger: d.log,
		LockPath: filepath.Join(d.config.DataDir.Value, "replay.lock"),
		OnEvent:  d.tell,
	})
	if err != nil {
		return nil, fmt.Errorf("making the replay: %w", err)
	}
	return r, nil
}

// tell keeps an event of the replay, and says of money what it means.
func (d *Device) tell(e queue.Event) {
	d.record(event.Name(e.Name), event.Fields(e.Fields))
	if e.Name != queue.ActionAnswered {
		return
	}
	text := func(name string) string { value, _ := e.Fields[name].(string); return value }
	code, about := action.Code(text("code")), event.Fields{"actionId": text("actionId"), "code": text("code")}
	switch class, result := code.Class(), action.Result(text("result")); {
	case code != "" && (class == action.Declined || class == action.CustomerAction):
		d.record(event.PaymentFailure, about)
	case result == action.ResultPaid:
		d.record(event.PaymentSuccess, about)
	case result == action.ResultRequested:
		d.record(event.PaymentAsked, about)
	}
}

// courier carries between the words of the journal and those of the client.
type courier struct{ device *Device }

var (
	_ queue.Sender  = courier{}
	_ queue.Adopter = courier{}
	_ queue.Prober  = courier{}
)

// Send delivers a batch.
func (c courier) Send(ctx context.Context, b queue.Batch) (queue.Reply, error) {
	if err := c.upload(ctx, b.Actions); err != nil {
		return queue.Reply{}, fmt.Errorf("sending files: %w", err)
	}
	reply, err := c.device.client.Send(ctx, bffclient.SyncBatch{
		DeviceID: b.DeviceID, Fence: b.Fence,
		Head: bffclient.ChainPoint(b.Head), Acknowledged: bffclient.ChainPoint(b.Acknowledged),
		Actions: b.Actions,
	})
	if err != nil {
		return queue.Reply{}, fmt.Errorf("sending a batch: %w", err)
	}
	c.forget(b.Actions, reply.Outcomes)
	return queue.Reply{Outcomes: reply.Outcomes, Acknowledged: queue.ChainPoint(reply.Acknowledged)}, nil
}

// Outcomes asks what came of actions.
func (c courier) Outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error) {
	found, unknown, err = c.device.client.Outcomes(ctx, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("asking for outcomes: %w", err)
	}
	return found, unknown, nil
}

// Adopt tells the server that a person goes on with this journal.
func (c courier) Adopt(ctx context.Context, deviceID string, head queue.ChainPoint) (fence int64, err error) {
	return c.device.client.Adopt(ctx, deviceID, bffclient.ChainPoint(head))
}

// Probe asks the server for a sign of life.
func (c courier) Probe(ctx context.Context) (queue.Probe, error) {
	h, err := c.device.Probe(ctx)
	if err != nil {
		return queue.Probe{}, err
	}
	return queue.Probe{ServerTime: h.ServerTime, ClockOffset: h.ClockOffset, StartDelay: h.StartDelay, Down: h.Down}, nil
}
