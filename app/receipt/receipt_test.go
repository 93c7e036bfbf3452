package receipt_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"fieldpay/action"
	"fieldpay/app/receipt"
)

func page() receipt.Page {
	return receipt.Page{
		Title: "Quittung, vorläufig", Standing: "Noch nicht bestätigt",
		Facts: []receipt.Row{{Name: "Kunde", Value: "Größe & Söhne Ελλάς Россия"}},
		Lines: []receipt.Row{{Name: strings.Repeat("Inspection of the pump ", 12), Detail: "2 × 1,000.00", Value: "2,000.00"}},
		Sums:  []receipt.Row{{Name: "Total", Value: "2,000.00 €"}},
		Foot:  []string{"Action 12, check code 9f3c21d8"}, At: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
}

func TestPDF(t *testing.T) {
	t.Run("a receipt is a PDF, the same bytes each time", func(t *testing.T) {
		first, err := receipt.PDF(page())
		if err != nil || !bytes.HasPrefix(first, []byte("%PDF-1.")) || !bytes.Contains(first, []byte("/Count 1")) {
			t.Fatalf("%d bytes, %v", len(first), err)
		}
		if again, err := receipt.PDF(page()); err != nil || !bytes.Equal(first, again) {
			t.Errorf("it differs: %v", err)
		}
	})
	t.Run("a long one goes on, on further pages", func(t *testing.T) {
		p := page()
		for range 120 {
			p.Lines = append(p.Lines, p.Lines[0])
		}
		pdf, err := receipt.PDF(p)
		if err != nil || bytes.Contains(pdf, []byte("/Count 1\n")) {
			t.Errorf("%d bytes, %v", len(pdf), err)
		}
	})
	t.Run("letters that the fonts lack are refused and not left out", func(t *testing.T) {
		p := page()
		p.Facts[0].Value = "株式会社"
		if _, err := receipt.PDF(p); action.CodeOf(err) != action.NotPossible {
			t.Errorf("got %v", err)
		}
	})
}
