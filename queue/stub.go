package queue

import (
	"context"
	"io"
	"time"

	"github.com/rs/zerolog"

	"fieldpay/action"
)

type Options struct {
	Path     string
	Key      []byte
	DeviceID string
	Logger   zerolog.Logger
}
type Journal struct{}

var errStub = &action.Error{Code: action.NotPossible}

func Open(ctx context.Context, o Options) (*Journal, error) { return nil, errStub }
func (j *Journal) Close() error                             { return nil }
func (j *Journal) DeviceID() string                         { return "" }

type Draft struct {
	ID          string
	Payload     action.Payload
	Actor       string
	ClockOffset time.Duration
	Needs       []string
}
type Filter struct {
	States []State
	Lane   string
	Unsent bool
	Before int64
	Limit  int
}
type Page struct {
	Items []Item
	Next  int64
}
type Counts struct {
	ByState      map[State]int
	Unsent       int
	UnsentSums   []action.Money
	InvoiceSums  []action.Money
	OldestUnsent time.Time
	LastApplied  time.Time
}
type Report struct {
	Entries  int64
	OK       bool
	Problems []Problem
}
type Problem struct {
	Position int64
	What     string
}

func (j *Journal) Append(ctx context.Context, d Draft) (Item, error) { return Item{}, errStub }
func (j *Journal) Replace(ctx context.Context, id string, d Draft) (Item, error) {
	return Item{}, errStub
}
func (j *Journal) Retry(ctx context.Context, id, by string) (Item, error) { return Item{}, errStub }
func (j *Journal) Discard(ctx context.Context, id, by, reason string) (Item, error) {
	return Item{}, errStub
}
func (j *Journal) Item(ctx context.Context, id string) (Item, error)      { return Item{}, errStub }
func (j *Journal) History(ctx context.Context, id string) ([]Step, error) { return nil, errStub }
func (j *Journal) List(ctx context.Context, f Filter) (Page, error)       { return Page{}, errStub }
func (j *Journal) Counts(ctx context.Context) (Counts, error)             { return Counts{}, errStub }
func (j *Journal) Verify(ctx context.Context) (Report, error)             { return Report{}, errStub }
func (j *Journal) Export(ctx context.Context, w io.Writer) error          { return errStub }
func (j *Journal) Changes() (<-chan struct{}, func())                     { return nil, func() {} }

type ReplayOptions struct {
	Journal  *Journal
	Sender   Sender
	Prober   Prober
	LockPath string
	Logger   zerolog.Logger
	Rand     func() float64
	OnEvent  func(Notice)
}
type Replay struct{}

// Notice is one diagnostic event.
type Notice struct {
	At     time.Time
	Name   string
	Fields map[string]any
}
type Summary struct {
	Sent, Applied, Accepted, Review, Failed, Waiting int
	Elsewhere                                        bool
}
type ConnState string

const (
	Online        ConnState = "online"
	Degraded      ConnState = "degraded"
	Portal        ConnState = "portal"
	SignedOut     ConnState = "signed-out"
	Offline       ConnState = "offline"
	ForcedOffline ConnState = "forced-offline"
)

type Connection struct {
	State ConnState
	Since time.Time
	Code  action.Code
	Down  []string
}
type Status struct {
	Connection        Connection
	Draining          bool
	Done, Total       int
	LastSync          time.Time
	NextProbe         time.Time
	DrainingElsewhere bool
	ClockOffset       time.Duration
}

func NewReplay(o ReplayOptions) (*Replay, error)            { return nil, errStub }
func (r *Replay) Run(ctx context.Context) error             { return errStub }
func (r *Replay) Once(ctx context.Context) (Summary, error) { return Summary{}, errStub }
func (r *Replay) Wake()                                     {}
func (r *Replay) SignedIn()                                 {}
func (r *Replay) ForceOffline(on bool)                      {}
func (r *Replay) Status() Status                            { return Status{} }
func (r *Replay) Changes() (<-chan struct{}, func())        { return nil, func() {} }
