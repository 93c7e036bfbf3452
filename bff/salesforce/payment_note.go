package salesforce

import (
	"context"
	"net/http"
	"strings"

	"fieldpay/action"
)

// NotePayment implements bff.CRM. What else the office has written there stays.
func (c *Client) NotePayment(ctx context.Context, intent, note string) error {
	const op = "noting something on the payment"
	type noted struct {
		ID   string `json:"Id"`
		Note string `json:"Note__c"`
	}
	rows, err := query[noted](ctx, c, "SELECT Id, Note__c FROM Payment__c WHERE "+intentID+" = "+literal(intent))
	if err != nil {
		return failed(op, err)
	}
	if len(rows) == 0 {
		return &action.Error{Code: action.UnknownPayment, Op: op}
	}
	if strings.Contains(rows[0].Note, note) {
		return nil
	}
	change := record{}
	change.text("Note__c", plain(joinLines(rows[0].Note, note)))
	if err := c.call(ctx, http.MethodPatch, "/sobjects/"+paymentObject+"/"+rows[0].ID, change, nil); err != nil {
		return failed(op, err)
	}
	return nil
}
