package salesforce_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/sandbox/control"
)

func photo(content string) bff.FileUpload {
	sum := sha256.Sum256([]byte(content))
	return bff.FileUpload{SHA256: hex.EncodeToString(sum[:]), Name: "pump.jpg", MediaType: "image/jpeg", Content: []byte(content)}
}

func on(kind, id string, f bff.FileUpload) *action.AddAttachment {
	return &action.AddAttachment{ParentKind: kind, ParentID: id, File: action.File{
		SHA256: f.SHA256, Size: int64(len(f.Content)), MediaType: f.MediaType, Name: f.Name, Role: action.Photo,
	}}
}

func (o *org) keep(f bff.FileUpload) {
	o.t.Helper()
	if err := o.Client.KeepFile(o.t.Context(), f); err != nil {
		o.t.Fatal(err)
	}
}

func TestClient_KeepFile(t *testing.T) {
	o := newOrg(t)
	f := photo("the pump, broken")
	if has, err := o.Client.HasFile(t.Context(), f.SHA256); has || err != nil {
		t.Errorf("before: %v, %v", has, err)
	}
	together(6, func(int) { o.keep(f) })
	if has, err := o.Client.HasFile(t.Context(), f.SHA256); !has || err != nil {
		t.Errorf("after: %v, %v", has, err)
	}
	if row := o.find("ContentVersion", "Sha256__c", f.SHA256); o.count("ContentVersion") != 1 || row["ContentSize"] != float64(len(f.Content)) {
		t.Errorf("%d versions, %v", o.count("ContentVersion"), row)
	}
}

func TestClient_Apply_add_attachment(t *testing.T) {
	const visit = "0198c0de-0000-7000-8000-0000000000dd"
	f := photo("the pump, broken")
	t.Run("puts the file on a visit that was just logged and on an invoice, stored once", func(t *testing.T) {
		o := newOrg(t)
		logged := o.applyPayload(&action.LogVisit{ID: visit, AccountID: "acc-001", Note: "n", Outcome: action.Met, Attachments: []action.File{on("", "", f).File}})
		if row := o.find("Visit__c", "Id", logged.ServerID); row["Attachments__c"] != "photo "+f.SHA256 {
			t.Errorf("the visit says %v", row["Attachments__c"])
		}
		o.keep(f)
		done := o.applyPayload(on(action.VisitKind, visit, f))
		o.applyPayload(on(action.InvoiceKind, "inv-002", f))
		link := o.find("ContentDocumentLink", "LinkedEntityId", logged.ServerID)
		if link["ContentDocumentId"] != done.ServerID || o.count("ContentDocumentLink") != 2 || o.count("ContentDocument") != 1 {
			t.Errorf("link %v of %d, %d documents", link, o.count("ContentDocumentLink"), o.count("ContentDocument"))
		}
	})
	t.Run("puts it there once, whatever is lost or sent at once", func(t *testing.T) {
		o := newOrg(t)
		o.keep(f)
		e := effect(t, on(action.InvoiceKind, "inv-002", f))
		o.fail(control.Rule{Match: control.Match{PathRegex: "/composite$", Times: 1}, Effect: control.Effect{DropAfterCommit: true}})
		_, err := o.Client.Apply(t.Context(), e)
		wantCode(t, err, action.SalesforceDown)
		together(10, func(int) {
			if done, err := o.Client.Apply(t.Context(), e); err != nil || done.ServerID == "" {
				t.Errorf("%+v, %v", done, err)
			}
		})
		if o.count("ContentDocumentLink") != 1 {
			t.Errorf("%d links", o.count("ContentDocumentLink"))
		}
	})
	t.Run("waits for bytes that are still on their way", func(t *testing.T) {
		_, err := newOrg(t).Client.Apply(t.Context(), effect(t, on(action.InvoiceKind, "inv-002", f)))
		wantCode(t, err, action.FileMissing)
		if action.CodeOf(err).Class().Settles() {
			t.Error("it is given up")
		}
	})
	for want, p := range map[action.Code]*action.AddAttachment{
		action.UnknownInvoice: on(action.InvoiceKind, "inv-999", f),
		action.UnknownVisit:   on(action.VisitKind, visit, f),
	} {
		t.Run("tells "+string(want), func(t *testing.T) {
			o := newOrg(t)
			o.keep(f)
			_, err := o.Client.Apply(t.Context(), effect(t, p))
			wantCode(t, err, want)
		})
	}
}
