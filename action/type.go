package action

// Type is the discriminator of a payload, in its wire form.
type Type string

// The types of action. A new one adds a file here and on every other layer;
// the coverage test of package internal/deptest fails until each layer has it.
const (
	CreateInvoiceType  Type = "create_invoice"
	UpdateInvoiceType  Type = "update_invoice"
	RecordPaymentType  Type = "record_payment"
	CollectPaymentType Type = "collect_payment"
	SyncPaymentType    Type = "sync_payment"
	LogVisitType       Type = "log_visit"
	VoidInvoiceType    Type = "void_invoice"
	CreateContactType  Type = "create_contact"
	AddAttachmentType  Type = "add_attachment"
)

// Types returns every known type, in the order a person meets them.
func Types() []Type {
	return []Type{
		CreateInvoiceType, UpdateInvoiceType, VoidInvoiceType, RecordPaymentType, CollectPaymentType, SyncPaymentType,
		LogVisitType, CreateContactType, AddAttachmentType,
	}
}

// CurrentVersion is the payload schema version that this build writes for t;
// it reads every version from 1 up to it. An unknown type answers 0.
func CurrentVersion(t Type) int {
	switch {
	case newPayload(t) == nil:
		return 0
	case t == LogVisitType:
		return 2
	default:
		return 1
	}
}

// VersionOf is the lowest schema version that has everything p says, so that a
// server which does not know the newest one still takes what it can.
func VersionOf(p Payload) int {
	if v, ok := p.(*LogVisit); ok && len(v.Attachments) > 0 {
		return 2
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
	case CollectPaymentType:
		return &CollectPayment{}
	case SyncPaymentType:
		return &SyncPayment{}
	case LogVisitType:
		return &LogVisit{}
	case VoidInvoiceType:
		return &VoidInvoice{}
	case CreateContactType:
		return &CreateContact{}
	case AddAttachmentType:
		return &AddAttachment{}
	default:
		return nil
	}
}

// Record kinds: the first half of a lane.
const (
	InvoiceKind    = "invoice"
	VisitKind      = "visit"
	ContactKind    = "contact"
	AttachmentKind = "attachment"
)

// Record names the record a payload belongs to. An empty ID stands for the
// action's own id: the record is made by this very action.
type Record struct {
	Kind string
	ID   string
}

// Payload is the typed content of an action. The concrete types are pointers
// to [CreateInvoice], [UpdateInvoice], [VoidInvoice], [RecordPayment],
// [CollectPayment], [SyncPayment], [LogVisit], [CreateContact] and [AddAttachment].
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
