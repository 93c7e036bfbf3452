//go:build window

package smoke_test

import (
	"net/http"
	"strings"
	"testing"
)

// A rep signs in, writes an invoice in the window, and sees that it is done.
// What the window says is then compared with what the server has.
func TestWindow(t *testing.T) {
	server := startServer(t)
	display := startDisplay(t)
	driver := startDriver(t, display, []string{
		"FIELDPAY_BFF=" + server,
		"FIELDPAY_DATA_DIR=" + t.TempDir(),
		"FIELDPAY_KEY_DIR=" + t.TempDir(),
		"XDG_CONFIG_HOME=" + t.TempDir(),
		"XDG_CACHE_HOME=" + t.TempDir(),
		"XDG_DATA_HOME=" + t.TempDir(),
		"LANG=en_US.UTF-8",
	})
	w := open(t, driver, steerable(t))

	w.fill("Email", "demo@fieldpay.com")
	w.fill("Password", "demo123")
	w.press("Sign in")

	w.find(`//a[starts-with(@href, "#/invoices/new")]`).click()
	w.choose("Customer", "Acme")
	w.fill("Description", "Pump service")
	w.fill("Line 1 Description", "Seal kit")
	w.fill("Line 1 Quantity", "3")
	w.fill("Line 1 Unit price", "19.99")
	w.find(`//output[contains(., "59.97")]`)
	if size := w.picture("invoice"); size < 10_000 {
		t.Errorf("the picture of the form has %d bytes: the window is not painted", size)
	}
	w.press("Save invoice")

	w.find(`//nav//a[starts-with(@href, "#/outbox")]`).click()
	w.find(`//label[normalize-space(.)="All"]`).click()
	w.find(`//article[starts-with(@aria-label, "New invoice")][contains(., "59.97")]//*[normalize-space(.)="Done"]`)
	w.picture("outbox")

	if got := invoicesNamed(t, server, "Pump service"); len(got) != 1 || got[0].Amount != 5997 {
		t.Errorf("the server has %+v, want one invoice of 5997", got)
	}
}

type invoice struct {
	Description string `json:"description"`
	Amount      int64  `json:"amount"`
}

// invoicesNamed asks the server for the invoices of a description.
func invoicesNamed(t *testing.T, server, description string) []invoice {
	t.Helper()
	var session struct {
		Tokens struct {
			AccessToken string `json:"accessToken"`
		} `json:"tokens"`
	}
	request(t, http.MethodPost, server+"/auth/login", "", strings.NewReader(`{"username":"demo@fieldpay.com","password":"demo123"}`), &session)
	var all, found []invoice
	request(t, http.MethodGet, server+"/salesforce/invoices", session.Tokens.AccessToken, nil, &all)
	for _, i := range all {
		if i.Description == description {
			found = append(found, i)
		}
	}
	return found
}
