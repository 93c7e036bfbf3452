package action_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"fieldpay/action"
)

// Invariant 12: every version of every payload that was ever shipped is read by
// this build. A fixture is never changed, only added to.
func TestParse_Fixtures(t *testing.T) {
	for _, typ := range action.Types() {
		for version := 1; version <= action.CurrentVersion(typ); version++ {
			name := string(typ) + ".v" + strconv.Itoa(version)
			t.Run(name, func(t *testing.T) {
				text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
				if err != nil {
					t.Fatalf("every version has a fixture: %v", err)
				}
				var compact bytes.Buffer
				if err := json.Compact(&compact, text); err != nil {
					t.Fatal(err)
				}
				a := action.Action{ID: "0198c0de-0000-7000-8000-000000000001", Type: typ, Version: version, Payload: compact.Bytes()}
				p, err := action.Parse(a)
				if err != nil {
					t.Fatal(err)
				}
				if action.VersionOf(p) > version {
					t.Errorf("it would be sent as version %d", action.VersionOf(p))
				}
				encoded, err := action.Encode(p)
				if err != nil || !reflect.DeepEqual(decoded(t, encoded), decoded(t, compact.Bytes())) {
					t.Errorf("written again it is %s (%v)", encoded, err)
				}
			})
		}
	}
}

func decoded(t *testing.T, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParse_RefusesWrongFields(t *testing.T) {
	file := `"sha256":"` + strings.Repeat("a", 64) + `","size":4,"mediaType":"image/png","name":"a.png","role":"photo"`
	tests := []struct {
		name    string
		typ     action.Type
		payload string
		field   string
	}{
		{"a void without its invoice", action.VoidInvoiceType, `{}`, "invoiceId"},
		{"a void with a base before all versions", action.VoidInvoiceType, `{"invoiceId":"inv-1","baseVersion":-1}`, "baseVersion"},
		{"a contact without a last name", action.CreateContactType, `{"accountId":"acc-1","lastName":" "}`, "lastName"},
		{"a contact without a customer", action.CreateContactType, `{"lastName":"Byron"}`, "accountId"},
		{"an address without a host", action.CreateContactType, `{"accountId":"acc-1","lastName":"B","email":"ada@"}`, "email"},
		{"an address with two hosts", action.CreateContactType, `{"accountId":"acc-1","lastName":"B","email":"a@b.example@c.example"}`, "email"},
		{"an attachment of nothing", action.AddAttachmentType, `{"parentKind":"visit",` + file + `}`, "parentId"},
		{"an attachment of a payment", action.AddAttachmentType, `{"parentKind":"payment","parentId":"p",` + file + `}`, "parentKind"},
		{"an attachment of a visit by its number", action.AddAttachmentType, `{"parentKind":"visit","parentId":"VIS-00001",` + file + `}`, "parentId"},
		{"a hash that is none", action.AddAttachmentType, `{"parentKind":"visit","parentId":"v","sha256":"A","size":1,"mediaType":"image/png","name":"a","role":"photo"}`, "sha256"},
		{"a file that is too large", action.AddAttachmentType, `{"parentKind":"visit","parentId":"v",` + strings.Replace(file, ":4,", ":8388609,", 1) + `}`, "size"},
		{"a name with a folder", action.AddAttachmentType, `{"parentKind":"visit","parentId":"v",` + strings.Replace(file, "a.png", "../a.png", 1) + `}`, "name"},
		{"a role that nobody knows", action.AddAttachmentType, `{"parentKind":"visit","parentId":"v",` + strings.Replace(file, `"photo"`, `"x"`, 1) + `}`, "role"},
		{"a type that is none", action.AddAttachmentType, `{"parentKind":"visit","parentId":"v",` + strings.Replace(file, "image/png", "png", 1) + `}`, "mediaType"},
		{"a visit with a file of no bytes", action.LogVisitType, `{"accountId":"a","note":"n","outcome":"met","attachments":[{` + strings.Replace(file, ":4,", ":0,", 1) + `}]}`, "attachments[0].size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := action.Parse(envelope(t, tt.typ, tt.payload))
			if action.CodeOf(err) != action.InvalidPayload || action.FieldsOf(err)[tt.field] == "" {
				t.Errorf("got %v, fields %v", err, action.FieldsOf(err))
			}
		})
	}
}
