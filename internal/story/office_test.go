package story_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// office is the server and the Salesforce and Stripe behind it. All keep their
// data when they end.
type office struct {
	manner                     manner
	env                        []string
	programs, folder, host     string
	url                        *url.URL
	listen, salesforce, stripe string
	server, upstreams          *process
	// drop gives the database back, ready says that the operator was here.
	drop  func() error
	ready bool
}

func newOffice(programs, folder string, m manner) (*office, error) {
	o := &office{manner: m, programs: programs, folder: folder, host: ownHost(folder), drop: func() error { return nil }}
	for _, address := range []*string{&o.listen, &o.salesforce, &o.stripe} {
		free, err := freeAddress(o.host)
		if err != nil {
			return nil, err
		}
		*address = free
	}
	o.url = &url.URL{Scheme: "http", Host: o.listen}
	o.env = environment(folder, append(m.settings(),
		"FIELDPAY_BFF_LISTEN="+o.listen, "FIELDPAY_BFF_DATA_DIR="+filepath.Join(folder, "office"), "FIELDPAY_BFF_PUBLIC_URL="+o.url.String(),
		"SALESFORCE_LOGIN_URL=http://"+o.salesforce, "STRIPE_API_BASE=http://"+o.stripe)...)
	if m.postgres {
		place, drop, err := database.Place()
		if err != nil {
			return nil, fmt.Errorf("PostgreSQL: %w", err)
		}
		o.drop = drop
		o.env = append(o.env, "FIELDPAY_BFF_STORE="+place)
	}
	return o, nil
}

// open starts Salesforce and Stripe, unless they run, and then the server.
func (o *office) open() (err error) {
	if !o.upstreams.running() {
		o.upstreams, err = start(o.env, program(o.programs, "fieldpay-sandbox"), "serve", "--salesforce-listen", o.salesforce,
			"--stripe-listen", o.stripe, "--data-dir", filepath.Join(o.folder, "sandbox"))
		if err != nil {
			return err
		}
		if err := until(func() error { _, err := o.records(); return err }); err != nil {
			return fmt.Errorf("waiting for Salesforce: %w\n%s", err, o.upstreams.said)
		}
	}
	if o.server.running() {
		return errors.New("the server is running")
	}
	if o.manner.live && !o.ready {
		if err := o.prepare(); err != nil {
			return fmt.Errorf("what an operator does first: %w", err)
		}
		o.ready = true
	}
	if o.server, err = start(o.env, program(o.programs, "fieldpay-bff"), "serve"); err != nil {
		return err
	}
	if err := until(func() error { return get(o.url.String()+"/ready", nil) }); err != nil {
		return fmt.Errorf("waiting for the server: %w\n%s", err, o.server.said)
	}
	return nil
}

func (o *office) close() error {
	o.server.kill()
	o.upstreams.kill()
	return o.drop()
}

// records returns the records that Salesforce has, by object.
func (o *office) records() (map[string][]map[string]any, error) {
	var state struct {
		Objects map[string][]map[string]any `json:"objects"`
	}
	err := get("http://"+o.salesforce+"/__control/state", &state)
	return state.Objects, err
}

func get(address string, into any) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking %s: %w", address, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking %s: %w", address, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, resp.Status)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("reading what %s says: %w", address, err)
	}
	return nil
}

func bff(ts *testscript.TestScript, negated bool, args []string) {
	w := here(ts, negated)
	switch strings.Join(args, " ") {
	case "start":
		errorf(ts, w.office.open(), "starting the server")
		if w.before == nil {
			w.before = w.count(ts)
		}
	case "stop":
		errorf(ts, w.office.server.stop(), "stopping the server")
	case "kill":
		w.office.server.kill()
	default:
		usage(ts, false, "bff start | stop | kill")
	}
}

func (w *world) count(ts *testscript.TestScript) map[string]int {
	objects, err := w.office.records()
	errorf(ts, err, "counting")
	counts := map[string]int{}
	for name, all := range objects {
		counts[name] = len(all)
	}
	return counts
}
