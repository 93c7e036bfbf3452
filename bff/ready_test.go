package bff_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/bff/bfftest"
)

// refusingPayments refuse the server's own sign-in from the start.
type refusingPayments struct{ *bfftest.Payments }

func (refusingPayments) Ping(context.Context) error {
	return &action.Error{Code: action.UpstreamLogin}
}

func TestServer_GetReady(t *testing.T) {
	// asked is what /ready says when what it knows is not old.
	asked := func(r *rig) string {
		elapse(6 * time.Second)
		r.call("GET", "/ready", "")
		synctest.Wait()
		a := r.call("GET", "/ready", "")
		return fmt.Sprint(a.status, " ", a.body["ready"], " ", a.body["checks"])
	}
	onRig(t, "a server whose upstreams work is ready", func(t *testing.T, r *rig) {
		if got := asked(r); got != "200 true map[salesforce:ok store:ok stripe:ok]" {
			t.Error(got)
		}
	})
	onRig(t, "an upstream that is down is told, and actions are taken", func(t *testing.T, r *rig) {
		r.payments.Down(&action.Error{Code: action.StripeDown})
		if got := asked(r); got != "200 true map[salesforce:ok store:ok stripe:does not answer]" {
			t.Error(got)
		}
	})
	onRig(t, "credentials that are refused after they worked are told, and actions are taken", func(t *testing.T, r *rig) {
		asked(r)
		r.payments.Down(&action.Error{Code: action.UpstreamLogin})
		if got := asked(r); got != "200 true map[salesforce:ok store:ok stripe:refuses the server's own sign-in]" {
			t.Error(got)
		}
		r.payments.Down(nil)
		if got := asked(r); got != "200 true map[salesforce:ok store:ok stripe:ok]" {
			t.Error(got)
		}
	})
	t.Run("a server that was started with refused credentials is not ready", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, func(o *bff.ServerOptions) { o.Payments = refusingPayments{bfftest.NewPayments()} })
			if got := asked(r); got != "503 false map[salesforce:ok store:ok stripe:refuses the server's own sign-in]" {
				t.Error(got)
			}
		})
	})
	onRig(t, "a server that ends is not ready, and still answers", func(t *testing.T, r *rig) {
		r.server.Drain()
		if got := asked(r); got != "503 false map[salesforce:ok server:the server ends store:ok stripe:ok]" {
			t.Error(got)
		}
		if a := r.call("GET", "/salesforce/invoices", ""); a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
	t.Run("a store that takes nothing makes the server unready", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, func(o *bff.ServerOptions) { o.Ready = func(context.Context) error { return errCrash } })
			if got := asked(r); got != "503 false map[salesforce:ok store:does not take work stripe:ok]" {
				t.Error(got)
			}
		})
	})
}
