package simulate_test

import (
	"context"
	"time"

	"fieldpay/action"
	bffclient "fieldpay/bff-client"
	"fieldpay/queue"
)

// courier carries between the words of the journal and those of the client, as
// package app does, and watches how often what is carried.
type courier struct {
	client *bffclient.Client
	device *device
	p      *process
}

var (
	_ queue.Sender = courier{}
	_ queue.Prober = courier{}

	_ queue.Adopter = courier{}
)

// Send implements queue.Sender.
func (c courier) Send(ctx context.Context, b queue.Batch) (queue.Reply, error) {
	for _, a := range b.Actions {
		if n := c.device.w.count("sends of "+a.ID) + 1; n > maxSends {
			c.device.w.fail("%s sends %s for the %d. time", c.device.name, a.ID, n)
		}
	}
	reply, err := c.client.Send(ctx, bffclient.SyncBatch{
		DeviceID: b.DeviceID, Fence: b.Fence, Head: bffclient.ChainPoint(b.Head),
		Acknowledged: bffclient.ChainPoint(b.Acknowledged), Actions: b.Actions,
	})
	for _, o := range reply.Outcomes {
		c.device.w.sawOutcome(c.device, o)
	}
	switch code := action.CodeOf(err); {
	case code == action.TooLarge && len(b.Actions) > 1:
		c.device.w.trace.saw(batchHalved)
	case code == action.JournalRolledBack:
		c.device.w.alarm(deviceID(c.device.index))
	}
	return queue.Reply{Outcomes: reply.Outcomes, Acknowledged: queue.ChainPoint(reply.Acknowledged)}, err
}

// Outcomes implements queue.Sender.
func (c courier) Outcomes(ctx context.Context, ids []string) (found []action.Outcome, unknown []string, err error) {
	c.device.w.rush(c.p.name, time.Now())
	found, unknown, err = c.client.Outcomes(ctx, ids)
	for _, o := range found {
		c.device.w.sawOutcome(c.device, o)
	}
	if len(unknown) > 0 {
		c.device.w.trace.saw(outcomeUnknown)
	}
	return found, unknown, err
}

// Probe implements queue.Prober.
func (c courier) Probe(ctx context.Context) (queue.Probe, error) {
	c.device.w.rush(c.p.name, time.Now())
	h, err := c.client.Probe(ctx)
	return queue.Probe{ServerTime: h.ServerTime, ClockOffset: h.ClockOffset, StartDelay: h.StartDelay, Down: h.Down}, err
}
