package app_test

import (
	"encoding/base64"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

func TestBridge_Files(t *testing.T) {
	o := newOffice(t)
	r := signedIn(t, o)
	r.offline(true)
	content := app.Base64(base64.StdEncoding.EncodeToString([]byte("a photo of the meter")))
	photo, err := r.KeepFile(app.FileForm{Name: "meter.jpg", MediaType: "image/jpeg", Role: "photo", Content: content})
	if err != nil || photo.Size != 20 {
		t.Fatalf("got %+v, %v", photo, err)
	}
	t.Run("what is no file is refused", func(t *testing.T) {
		if _, err := r.KeepFile(app.FileForm{Content: "!"}); action.CodeOf(err) != action.BadRequest {
			t.Errorf("got %v", err)
		}
		if _, err := r.KeepFile(app.FileForm{}); action.CodeOf(err) != action.TooLarge {
			t.Errorf("got %v", err)
		}
	})
	form := app.VisitForm{ActionID: action.NewID(), AccountID: "acc-001", Note: "Read the meter", Outcome: "met", Files: []app.KeptFile{photo}}
	visit, err := r.SaveVisit(form)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a visit and its photo go in lanes of their own, the photo after the visit", func(t *testing.T) {
		if again, err := r.SaveVisit(form); err != nil || again.ActionID != visit.ActionID {
			t.Errorf("saving again: %+v, %v", again, err)
		}
		page, err := r.Outbox(app.OutboxQuery{Filter: "all"})
		if err != nil || len(page.Items) != 2 || page.Items[0].Type != "add_attachment" || page.Items[0].Lane == page.Items[1].Lane {
			t.Fatalf("got %+v, %v", page, err)
		}
		r.close()
		r.start()
		r.online()
		r.applied(visit.ActionID)
		if row := r.applied(page.Items[0].ID); row.ServerID == "" {
			t.Errorf("got %+v", row)
		}
	})
}
