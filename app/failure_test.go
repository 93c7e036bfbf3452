package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

func TestFormatError(t *testing.T) {
	t.Run("every code comes through, with a sentence, wrapped or not", func(t *testing.T) {
		for _, code := range action.Codes() {
			for _, err := range []error{
				&action.Error{Code: code},
				fmt.Errorf("doing x: %w", &action.Error{Code: code, Op: "secret op", Cause: errors.New("secret cause")}),
			} {
				var f app.Failure
				if e := json.Unmarshal([]byte(app.FormatError(err)), &f); e != nil {
					t.Fatal(e)
				}
				if f.Code != string(code) || f.Message != code.Message() || f.Fields == nil {
					t.Errorf("%s became %+v", code, f)
				}
			}
		}
	})
	t.Run("fields and hint come through", func(t *testing.T) {
		got := app.FormatError(&action.Error{Code: action.InvalidPayload, Message: "No", Hint: "Do", Fields: map[string]string{"a": "b"}})
		if want := `{"code":"invalid_payload","message":"No","hint":"Do","fields":{"a":"b"}}`; got != want {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a foreign error tells nothing of the inside", func(t *testing.T) {
		got := app.FormatError(errors.New("SELECT secret FROM table"))
		if want := `{"code":"internal","message":"` + action.Internal.Message() + `","hint":"","fields":{}}`; got != want {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a call that took too long says so", func(t *testing.T) {
		var f app.Failure
		if err := json.Unmarshal([]byte(app.FormatError(fmt.Errorf("x: %w", context.DeadlineExceeded))), &f); err != nil || f.Hint == "" {
			t.Errorf("got %+v, %v", f, err)
		}
	})
}

func ExampleFormatError() {
	fmt.Println(app.FormatError(&action.Error{Code: action.DiskFull}))
	// Output: {"code":"disk_full","message":"Not saved: the disk is full. Free some space, then save again","hint":"","fields":{}}
}
