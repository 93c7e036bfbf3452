package app_test

import (
	"encoding/base64"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

func TestBridge_HandOver(t *testing.T) {
	o := newOffice(t)
	broken, helper := signedIn(t, o), signedIn(t, o)
	t.Run("there is nothing to hand over when all was sent", func(t *testing.T) {
		if _, err := broken.SealUnsent(); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
	})
	broken.offline(true)
	saved, err := broken.SaveVisit(app.VisitForm{AccountID: "acc-001", Note: "Met the buyer", Outcome: "met"})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := broken.SealUnsent()
	if err != nil || sealed.Actions != 1 || sealed.More {
		t.Fatalf("%+v, %v", sealed, err)
	}
	var receipt app.FileDTO
	t.Run("another device brings it, as often as it likes", func(t *testing.T) {
		for range 2 {
			taken, err := helper.TakeFile(app.CarriedFile{Content: sealed.File.Content})
			if err != nil || taken.Actions != 1 || taken.Taken != 1 {
				t.Fatalf("%+v, %v", taken, err)
			}
			receipt = taken.Receipt
		}
	})
	t.Run("the receipt closes it, on the device that it is for", func(t *testing.T) {
		if _, err := helper.TakeFile(app.CarriedFile{Content: receipt.Content}); action.CodeOf(err) != action.BadRequest {
			t.Errorf("got %v", err)
		}
		if taken, err := broken.TakeFile(app.CarriedFile{Content: receipt.Content}); err != nil || taken.Taken != 1 {
			t.Errorf("%+v, %v", taken, err)
		}
		detail, err := broken.ActionDetail(saved.ActionID)
		if err != nil || detail.Row.State != "handed-over" {
			t.Errorf("%+v, %v", detail.Row, err)
		}
	})
	t.Run("what is neither is refused with its field", func(t *testing.T) {
		for _, content := range []string{"", "?", base64.StdEncoding.EncodeToString([]byte("age-encryption.org/v1\nno")), base64.StdEncoding.EncodeToString([]byte("x"))} {
			if _, err := helper.TakeFile(app.CarriedFile{Content: content}); action.CodeOf(err).Class() != action.Invalid {
				t.Errorf("%q: %v", content, err)
			}
		}
	})
}
