// Package event keeps the diagnostic events of a device: what happened, in names
// and numbers, so that support sees it without touching the machine. There is
// one catalogue of events; what it does not name cannot be written down, so that
// neither names of customers nor notes, amounts or tokens get in, whoever calls.
//
//	diary := event.Open(event.Options{Folder: dataDir})
//	err := diary.Record(event.SyncStarted, event.Fields{"count": 3})
//	newest, err := diary.Last(100)
package event

import "fieldpay/queue"

// Name names one kind of event. Those of the reference keep their names.
type Name string

// The events.
const (
	AuthSuccess     Name = "auth_success"
	AuthFailure     Name = "auth_failure"
	AuthLogout      Name = "auth_logout"
	DeviceEnrolled  Name = "device_enrolled"
	FetchAccounts   Name = "sf_fetch_accounts"
	FetchContacts   Name = "sf_fetch_contacts"
	FetchFailed     Name = "sf_fetch_failed"
	InvoiceCreated  Name = "invoice_created"
	PaymentAsked    Name = "payment_intent_created"
	PaymentSuccess  Name = "payment_success"
	PaymentFailure  Name = "payment_failure"
	ActionAdded     Name = "queue_action_added"
	ActionRetried   Name = "action_retried"
	ActionDiscarded Name = "action_discarded"
	ActionAnswered  Name = queue.ActionAnswered
	SyncStarted     Name = queue.SyncStarted
	SyncCompleted   Name = queue.SyncCompleted
	SyncFailed      Name = queue.SyncFailed
	Connection      Name = queue.ConnectionChanged
	DrainTaken      Name = queue.DrainTaken
	ReplyIncomplete Name = queue.ReplyIncomplete
	JournalSuspect  Name = queue.JournalSuspect
	JournalArchived Name = "journal_archived"
	DiskLow         Name = "disk_low"
	AppStarted      Name = "app_started"
	AppStopped      Name = "app_stopped"
	AppCrashed      Name = "app_crashed"
	BridgeFailed    Name = "bridge_failed"
	BundleMade      Name = "bundle_made"
	TelemetryFailed Name = "telemetry_failed"
	ScreenLocked    Name = "screen_locked"
	ScreenUnlocked  Name = "screen_unlocked"
	UnlockFailed    Name = "unlock_failed"
	PINSet          Name = "pin_set"
	KioskLeft       Name = "kiosk_left"
	KioskOpen       Name = "kiosk_gap"
	CapApproved     Name = "cap_approved"
	ShiftOpened     Name = "shift_opened"
	ShiftClosed     Name = "shift_closed"
)

// Kind is what a field may hold.
type Kind int

// The kinds. A Word is a code, a state or a name of the program's own; an ID is
// made by FieldPay or is one of its versions.
const (
	Count Kind = iota + 1 // int or int64
	Flag                  // bool
	Span                  // time.Duration, kept in milliseconds
	Word
	ID
)

// Field is one thing that an event may carry.
type Field struct {
	Name string
	Kind Kind
}

type entry struct {
	name   Name
	fields []Field
}

// catalogue is the one table of events.
var catalogue = [...]entry{
	{AuthSuccess, []Field{{"userId", ID}}},
	{AuthFailure, []Field{{"code", Word}}},
	{AuthLogout, []Field{{"forced", Flag}, {"unsent", Count}}},
	{DeviceEnrolled, nil},
	{FetchAccounts, []Field{{"accounts", Count}, {"invoices", Count}, {"milliseconds", Span}}},
	{FetchContacts, []Field{{"contacts", Count}}},
	{FetchFailed, []Field{{"code", Word}}},
	{InvoiceCreated, []Field{{"actionId", ID}}},
	{PaymentAsked, []Field{{"actionId", ID}}},
	{PaymentSuccess, []Field{{"actionId", ID}}},
	{PaymentFailure, []Field{{"actionId", ID}, {"code", Word}}},
	{ActionAdded, []Field{{"actionId", ID}, {"type", Word}}},
	{ActionRetried, []Field{{"actionId", ID}, {"type", Word}}},
	{ActionDiscarded, []Field{{"actionId", ID}, {"type", Word}}},
	{ActionAnswered, []Field{{"actionId", ID}, {"status", Word}, {"code", Word}, {"result", Word}}},
	{SyncStarted, []Field{{"count", Count}}},
	{SyncCompleted, []Field{{"succeeded", Count}, {"failed", Count}}},
	{SyncFailed, []Field{{"error", Word}}},
	{Connection, []Field{{"state", Word}, {"code", Word}}},
	{DrainTaken, []Field{{"fence", Count}}},
	{ReplyIncomplete, []Field{{"missing", Count}, {"foreign", Count}}},
	{JournalSuspect, []Field{{"reason", Word}, {"count", Count}}},
	{JournalArchived, []Field{{"count", Count}}},
	{DiskLow, []Field{{"megabytes", Count}}},
	{AppStarted, []Field{{"version", ID}, {"host", Word}, {"protection", Word}}},
	{AppStopped, nil},
	{AppCrashed, []Field{{"kind", Word}, {"report", ID}}},
	{BridgeFailed, []Field{{"method", Word}, {"code", Word}, {"panic", Flag}}},
	{BundleMade, []Field{{"sealed", Flag}, {"bytes", Count}}},
	{TelemetryFailed, []Field{{"code", Word}}},
	{ScreenLocked, nil},
	{ScreenUnlocked, []Field{{"userId", ID}}},
	{UnlockFailed, []Field{{"code", Word}}},
	{PINSet, nil},
	{KioskLeft, []Field{{"userId", ID}}},
	{KioskOpen, []Field{{"name", Word}}},
	{CapApproved, []Field{{"userId", ID}}},
	{ShiftOpened, []Field{{"userId", ID}}},
	{ShiftClosed, []Field{{"userId", ID}}},
}

// Names returns every event, for screens and tests of completeness.
func Names() []Name {
	names := make([]Name, len(catalogue))
	for i, e := range catalogue {
		names[i] = e.name
	}
	return names
}

// Fields returns what an event of that name may carry; nothing for an unknown
// one.
func (n Name) Fields() []Field {
	for _, e := range catalogue {
		if e.name == n {
			return append([]Field(nil), e.fields...)
		}
	}
	return nil
}

// Known reports whether the catalogue has the event.
func (n Name) Known() bool {
	for _, e := range catalogue {
		if e.name == n {
			return true
		}
	}
	return false
}
