package stripe

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// row is a stored object with its place in time; Stripe's ids do not sort.
type row[T any] struct {
	Seq   int64 `json:"seq"`
	Value T     `json:"value"`
}

// shelf holds the objects of one kind. Values are replaced, never changed in place.
type shelf[T any] struct {
	name string
	rows map[string]row[T]
}

func newShelf[T any](name string) *shelf[T] { return &shelf[T]{name: name, rows: map[string]row[T]{}} }

func (s *shelf[T]) get(id string) (T, bool) {
	r, ok := s.rows[id]
	return r.Value, ok
}

// newest lists the objects that keep selects, youngest first.
func (s *shelf[T]) newest(keep func(T) bool) []T {
	rows := make([]row[T], 0, len(s.rows))
	for _, r := range s.rows {
		if keep(r.Value) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b row[T]) int { return cmp.Compare(b.Seq, a.Seq) })
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = r.Value
	}
	return out
}

func (s *shelf[T]) load(id string, raw json.RawMessage) (int64, error) {
	var r row[T]
	if err := json.Unmarshal(raw, &r); err != nil {
		return 0, fmt.Errorf("reading %s: %w", s.name, err)
	}
	s.rows[id] = r
	return r.Seq, nil
}

// loader is a shelf of any kind, while a log is read.
type loader interface {
	load(id string, raw json.RawMessage) (seq int64, err error)
}

// store is everything the account holds. The server's lock guards it.
type store struct {
	seq        int64
	customers  *shelf[Customer]
	methods    *shelf[PaymentMethod]
	intents    *shelf[PaymentIntent]
	charges    *shelf[Charge]
	refunds    *shelf[Refund]
	events     *shelf[Event]
	endpoints  *shelf[WebhookEndpoint]
	replies    *shelf[storedReply]
	deliveries *shelf[delivery]
	prices     *shelf[priceRow]
	links      *shelf[linkRow]
	checkouts  *shelf[checkoutRow]
}

func newStore() *store {
	return &store{
		customers: newShelf[Customer]("customers"), methods: newShelf[PaymentMethod]("payment_methods"),
		intents: newShelf[PaymentIntent]("payment_intents"), charges: newShelf[Charge]("charges"),
		refunds: newShelf[Refund]("refunds"), events: newShelf[Event]("events"),
		endpoints: newShelf[WebhookEndpoint]("webhook_endpoints"), replies: newShelf[storedReply]("replies"),
		deliveries: newShelf[delivery]("deliveries"), prices: newShelf[priceRow]("prices"),
		links: newShelf[linkRow]("payment_links"), checkouts: newShelf[checkoutRow]("checkout_sessions"),
	}
}

func (s *store) loaders() map[string]loader {
	return map[string]loader{
		"customers": s.customers, "payment_methods": s.methods, "payment_intents": s.intents, "charges": s.charges,
		"refunds": s.refunds, "events": s.events, "webhook_endpoints": s.endpoints, "replies": s.replies, "deliveries": s.deliveries,
		"prices": s.prices, "payment_links": s.links, "checkout_sessions": s.checkouts,
	}
}

func (s *store) load(values map[string]json.RawMessage) error {
	loaders := s.loaders()
	for k, raw := range values {
		name, id, _ := strings.Cut(k, "/")
		l := loaders[name]
		if l == nil {
			return fmt.Errorf("reading %s: no such kind of object", name)
		}
		seq, err := l.load(id, raw)
		if err != nil {
			return err
		}
		s.seq = max(s.seq, seq)
	}
	return nil
}

// tx is the changes of one request.
type tx struct {
	*store
	undo   []func()
	dirty  map[string]func() (json.RawMessage, error)
	queued []delivery
}

func (s *store) begin() *tx {
	return &tx{store: s, dirty: map[string]func() (json.RawMessage, error){}}
}

func (x *tx) rollback() {
	for _, undo := range slices.Backward(x.undo) {
		undo()
	}
	x.undo, x.queued = nil, nil
	clear(x.dirty)
}

func (x *tx) changes() (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(x.dirty))
	for k, encode := range x.dirty {
		raw, err := encode()
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", k, err)
		}
		out[k] = raw
	}
	return out, nil
}

// put stores a value; a new one is the youngest of its shelf.
func put[T any](x *tx, s *shelf[T], id string, v T) {
	old, existed := s.rows[id]
	r := row[T]{Seq: old.Seq, Value: v}
	if !existed {
		x.seq++
		r.Seq = x.seq
	}
	s.rows[id] = r
	x.touch(s.name+"/"+id, func() (json.RawMessage, error) { return json.Marshal(s.rows[id]) }, func() {
		if existed {
			s.rows[id] = old
		} else {
			delete(s.rows, id)
		}
	})
}

// drop removes a value.
func drop[T any](x *tx, s *shelf[T], id string) {
	old, existed := s.rows[id]
	if !existed {
		return
	}
	delete(s.rows, id)
	x.touch(s.name+"/"+id, func() (json.RawMessage, error) { return nil, nil }, func() { s.rows[id] = old })
}

func (x *tx) touch(key string, encode func() (json.RawMessage, error), undo func()) {
	x.dirty[key] = encode
	x.undo = append(x.undo, undo)
}

// newID makes an id in the manner of Stripe's.
func newID(prefix string) string { return prefix + rand.Text()[:24] }
