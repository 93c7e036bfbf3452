package stripe

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// pagePath is where customers pay.
const pagePath = "/pay/"

// hostedPage is the page of a payment link or a checkout. It has no script and no style: what it may do is pay.
const hostedPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sandbox payment</title></head>
<body><main><h1>{{.Title}}</h1>
{{with .Amount}}<p>{{.}}</p>{{end}}
{{with .Said}}<p role="alert">{{.}}</p>{{end}}
{{if .Open}}<form method="post"><label for="card">Test card</label>
<select id="card" name="payment_method">{{range .Cards}}<option value="{{.Token}}">{{.Name}}</option>{{end}}</select>
<button>Pay</button></form>{{end}}
{{with .Cancel}}<p><a href="{{.}}">Back</a></p>{{end}}
</main></body></html>
`

type choice struct{ Token, Name string }

// payable names the test cards that the page offers.
func payable() []choice {
	return []choice{
		{"pm_card_visa", "4242: the payment goes through"},
		{"pm_card_chargeDeclined", "0002: declined"},
		{"pm_card_chargeDeclinedInsufficientFunds", "9995: declined, insufficient funds"},
		{"pm_card_authenticationRequired", "3184: the bank asks first"},
	}
}

// hosted is what the page shows.
type hosted struct {
	Title, Amount, Said, Cancel string
	Open                        bool
	Cards                       []choice
	back                        string // where the browser goes when it is done
	after                       string // origin of that place, while it is not done
	next                        string // where the bank asks
}

// host serves the page. What it changes is one transaction, like a call of the API.
func (s *Server) host(w http.ResponseWriter, r *http.Request) {
	p, failed := readParams(w, r)
	if failed != nil {
		http.Error(w, failed.message, failed.status)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	req := &request{tx: s.store.begin(), params: p, id: r.PathValue("id"), now: time.Now(), reqID: newID("req_"), origin: originOf(r)}
	shown, failed := req.hosted(r.Method == http.MethodPost)
	if failed != nil {
		req.rollback()
		http.Error(w, "There is nothing to pay here.", failed.status)
		return
	}
	var body bytes.Buffer
	page, err := template.New("page").Parse(hostedPage)
	if err == nil {
		err = page.Execute(&body, shown)
	}
	if err != nil {
		req.rollback()
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	if failed := s.commit(req.tx); failed != nil {
		http.Error(w, failed.message, failed.status)
		return
	}
	secure(w.Header(), shown.after)
	if to := shown.next + shown.back; to != "" && r.Method == http.MethodPost {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	_, _ = w.Write(body.Bytes()) // what happened is committed; the page is a courtesy
}

// hosted finds what the page is of and, when paying, tries the chosen card.
func (r *request) hosted(paying bool) (hosted, *apiError) {
	id := r.id
	if l, ok := r.links.get(id); ok {
		visited, open := r.visit(l)
		if !open {
			return hosted{Title: l.Sale.Title, Said: "This link has been paid. Thank you."}, nil
		}
		id = visited.Session.ID
	}
	c, failed := r.checkout(id)
	if failed != nil {
		return hosted{}, failed
	}
	if !paying || c.Session.Status != sessionOpen {
		return r.page(c, ""), nil
	}
	r.values = url.Values{"payment_method": {r.text("payment_method")}, "return_url": {deref(c.Session.URL)}}
	said := ""
	if failed := r.payCheckout(c); failed != nil {
		if !failed.kept {
			return hosted{}, failed
		}
		said = failed.message
	}
	c, _ = r.checkouts.get(id)
	return r.page(c, said), nil
}

func (r *request) page(c checkoutRow, said string) hosted {
	shown := hosted{Title: c.Sale.Title, Amount: strings.ToUpper(show(c.Sale.Amount, c.Sale.Currency)), Said: said, Cards: payable()}
	switch c.Session.Status {
	case sessionComplete:
		shown.Said = "This is paid. Thank you."
		shown.back = strings.ReplaceAll(deref(c.Session.SuccessURL), "{CHECKOUT_SESSION_ID}", c.Session.ID)
	case sessionExpired:
		shown.Said = "The time to pay is over."
		shown.Cancel = deref(c.Session.CancelURL)
	default:
		shown.Open, shown.Cancel, shown.after = true, deref(c.Session.CancelURL), siteOf(deref(c.Session.SuccessURL))
		if p, ok := r.intents.get(deref(c.Session.PaymentIntent)); ok && p.NextAction != nil {
			shown.next = p.NextAction.RedirectToURL.URL
		}
	}
	return shown
}

// siteOf is the origin of an address, as a policy names it.
func siteOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// secure lets the page do nothing but send its form. Browsers hold the redirect after it to the policy as well, so the
// place that a payment leads to is allowed.
func secure(h http.Header, after string) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", strings.TrimSpace("default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+after))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
