package action

import (
	"slices"
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
}

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
	return f.err(InvalidPayload)
}
