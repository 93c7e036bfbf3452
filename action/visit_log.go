package action

import (
	"slices"
	"strconv"
	"time"
)

// VisitOutcome is what came of a visit.
type VisitOutcome string

// The outcomes of a visit.
const (
	Met          VisitOutcome = "met"
	NotIn        VisitOutcome = "not_in"
	FollowUp     VisitOutcome = "follow_up"
	OrderTaken   VisitOutcome = "order"
	OtherOutcome VisitOutcome = "other"
)

// VisitOutcomes returns every outcome of a visit.
func VisitOutcomes() []VisitOutcome {
	return []VisitOutcome{Met, NotIn, FollowUp, OrderTaken, OtherOutcome}
}

// LogVisit notes a visit to a customer.
type LogVisit struct {
	// ID is the visit's id; left out, the action's id is the visit's.
	ID        string       `json:"id,omitempty"`
	AccountID string       `json:"accountId"`
	ContactID string       `json:"contactId,omitempty"`
	InvoiceID string       `json:"invoiceId,omitempty"`
	Note      string       `json:"note"`
	Outcome   VisitOutcome `json:"outcome"`
	VisitedAt time.Time    `json:"visitedAt,omitzero"`
	// Attachments are the photos and the signature of the visit. Each travels
	// as an AddAttachment of its own, so that the visit does not wait for them.
	// Since version 2.
	Attachments []File `json:"attachments,omitempty"`
}

// MaxAttachments limits the files of one visit.
const MaxAttachments = 20

var _ Payload = (*LogVisit)(nil)

// Type is LogVisitType.
func (*LogVisit) Type() Type { return LogVisitType }

// Record is the visit itself: visits depend on nothing.
func (p *LogVisit) Record() Record { return Record{Kind: VisitKind, ID: p.ID} }

// Validate checks every field.
func (p *LogVisit) Validate() error {
	var f fieldErrors
	f.optionalID("id", p.ID)
	f.id("accountId", p.AccountID)
	f.optionalID("contactId", p.ContactID)
	f.optionalID("invoiceId", p.InvoiceID)
	f.requiredText("note", p.Note, MaxText)
	if !slices.Contains(VisitOutcomes(), p.Outcome) {
		f.add("outcome", "must be met, not_in, follow_up, order or other")
	}
	if len(p.Attachments) > MaxAttachments {
		f.add("attachments", "are more than "+strconv.Itoa(MaxAttachments))
		return f.err(InvalidPayload)
	}
	for i, file := range p.Attachments {
		f.file("attachments["+strconv.Itoa(i)+"].", file)
	}
	return f.err(InvalidPayload)
}
