package bff

import (
	"encoding/json"
	"strconv"
	"time"
)

// auditRow is the row of an action that settled: who did what to which record,
// for how much, and what came of it. It has no text that a person wrote.
func auditRow(e Entry, r Result, now time.Time) AuditRow {
	// The wire names are the same in every payload.
	var about struct {
		AccountID string `json:"accountId"`
		InvoiceID string `json:"invoiceId"`
		Amount    int64  `json:"amount"`
		Currency  string `json:"currency"`
		Method    string `json:"method"`
		IntentID  string `json:"paymentIntentId"`
	}
	// What does not fit is no payload of ours, and was refused.
	_ = json.Unmarshal(e.Action.Payload, &about)
	detail := map[string]string{"status": string(r.Outcome.Status), "hash": e.Hash}
	for name, value := range map[string]string{
		"code": string(r.Outcome.Code), "record": r.Outcome.ServerID, "account": about.AccountID, "invoice": about.InvoiceID,
		"currency": about.Currency, "method": about.Method, "intent": about.IntentID, "replaces": e.Action.Replaces,
	} {
		if recordID.MatchString(value) || name == "hash" {
			detail[name] = value
		}
	}
	if about.Amount != 0 {
		detail["amount"] = strconv.FormatInt(about.Amount, 10)
	}
	if r.Effect {
		detail["effect"] = "yes"
	}
	return AuditRow{
		At: now, Event: "action." + string(e.Action.Type), Actor: e.Action.Actor, DeviceID: e.Action.DeviceID, Subject: e.Action.ID, Detail: detail,
	}
}
