package stripepay_test

import (
	"testing"

	"fieldpay/action"
	"fieldpay/bff"
)

// The saved cards that the sandbox begins with.
const (
	cardOwner     = "acc-002"
	savedCard     = "pm_mock_002"
	savedDeclined = "pm_mock_003"
)

func TestClient_Cards(t *testing.T) {
	a := newAccount(t)
	t.Run("lists what may be shown of the saved cards of an account", func(t *testing.T) {
		cards, err := a.Client.Cards(t.Context(), cardOwner)
		if err != nil || len(cards) != 2 {
			t.Fatalf("%+v, %v", cards, err)
		}
		one, err := a.Client.Card(t.Context(), cards[0].ID)
		if err != nil || one != cards[0] || one.ID != savedCard || one.Brand != "visa" || one.Last4 != "4242" || one.AccountID != cardOwner || one.CustomerID == "" {
			t.Errorf("%+v, %v", one, err)
		}
	})
	t.Run("an account that never paid has none", func(t *testing.T) {
		if cards, err := a.Client.Cards(t.Context(), "acc-003"); err != nil || len(cards) != 0 {
			t.Errorf("%+v, %v", cards, err)
		}
	})
	t.Run("a card that is not saved is the form's fault", func(t *testing.T) {
		_, err := a.Client.Card(t.Context(), "pm_404")
		wantCode(t, err, action.InvalidPayload)
	})
}

func TestClient_Customer(t *testing.T) {
	a := newAccount(t)
	known, err := a.Client.Customer(t.Context(), cardOwner)
	if err != nil || known == "" || a.count("customers") != 1 {
		t.Errorf("%q, %v", known, err)
	}
	together(8, func(int) {
		if id, err := a.Client.Customer(t.Context(), "acc-001"); err != nil && action.CodeOf(err) != action.Busy || err == nil && id == "" {
			t.Errorf("%q, %v", id, err)
		}
	})
	if n := a.count("customers"); n != 2 {
		t.Errorf("%d customers", n)
	}
}

func TestClient_Confirm_saved_card(t *testing.T) {
	for card, want := range map[string]action.Code{savedCard: "", savedDeclined: action.CardDeclined} {
		a := newAccount(t)
		saved, err := a.Client.Card(t.Context(), card)
		if err != nil {
			t.Fatal(err)
		}
		request := intentRequest()
		request.CustomerID = saved.CustomerID
		in, err := a.Client.CreateIntent(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		done, err := a.Client.Confirm(t.Context(), bff.ConfirmRequest{IntentID: in.ID, Key: actionID + ":confirm", CardID: card, OffSession: true})
		wantCode(t, err, want)
		if paid := done.AmountReceived == 175000; paid != (want == "") {
			t.Errorf("%s: %+v", card, done)
		}
	}
}
