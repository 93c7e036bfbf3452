package action

// Type is the discriminator of a payload, in its wire form.
type Type string

// The types of action. A new one adds a file here and on every other layer;
// the coverage test of package internal/deptest fails until each layer has it.
const (
	CreateInvoiceType Type = "create_invoice"
	UpdateInvoiceType Type = "update_invoice"
	RecordPaymentType Type = "record_payment"
	SyncPaymentType   Type = "sync_payment"
	LogVisitType      Type = "log_visit"
)

// Types returns every known type, in the order a person meets them.
func Types() []Type {
	return []Type{CreateInvoiceType, UpdateInvoiceType, RecordPaymentType, SyncPaymentType, LogVisitType}
}

// CurrentVersion is the payload schema version that this build writes for t;
// it reads every version from 1 up to it. An unknown type answers 0.
func CurrentVersion(t Type) int {
	if newPayload(t) == nil {
		return 0
	}
	return 1
}

func newPayload(t Type) Payload {
	switch t {
	case CreateInvoiceType:
		return &CreateInvoice{}
	case UpdateInvoiceType:
		return &UpdateInvoice{}
	case RecordPaymentType:
		return &RecordPayment{}
	case SyncPaymentType:
		return &SyncPayment{}
	case LogVisitType:
		return &LogVisit{}
	default:
		return nil
	}
}

// Record kinds: the first half of a lane.
const (
	InvoiceKind = "invoice"
	VisitKind   = "visit"
)

// Record names the record a payload belongs to. An empty ID stands for the
// action's own id: the record is made by this very action.
type Record struct {
	Kind string
	ID   string
}

// Payload is the typed content of an action. The concrete types are pointers
// to [CreateInvoice], [UpdateInvoice], [RecordPayment], [SyncPayment] and
// [LogVisit].
type Payload interface {
	// Type is the payload's discriminator.
	Type() Type
	// Record is the record whose lane the action joins.
	Record() Record
	// Validate checks the content by itself, without knowledge of any other
	// record. It returns nil or an *Error of code InvalidPayload that names
	// every wrong field.
	Validate() error
}
