package stripe

import "encoding/json"

// The objects carry the fields that clients read; what never varies here is left out where clients take its zero.

// Customer is someone who pays.
type Customer struct {
	ID              string            `json:"id"`
	Object          string            `json:"object"`
	Created         int64             `json:"created"`
	Livemode        bool              `json:"livemode"`
	Email           *string           `json:"email"`
	Name            *string           `json:"name"`
	Phone           *string           `json:"phone"`
	Description     *string           `json:"description"`
	Metadata        map[string]string `json:"metadata"`
	Balance         int64             `json:"balance"`
	InvoiceSettings invoiceSettings   `json:"invoice_settings"`
}

type invoiceSettings struct {
	DefaultPaymentMethod *string `json:"default_payment_method"`
}

// PaymentMethod is a card, known by its token.
type PaymentMethod struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Created        int64             `json:"created"`
	Livemode       bool              `json:"livemode"`
	Type           string            `json:"type"`
	Card           Card              `json:"card"`
	Customer       *string           `json:"customer"`
	BillingDetails map[string]any    `json:"billing_details"`
	Metadata       map[string]string `json:"metadata"`
}

// Card is what may be known of a card.
type Card struct {
	Brand       string `json:"brand"`
	Last4       string `json:"last4"`
	Country     string `json:"country"`
	Funding     string `json:"funding"`
	Fingerprint string `json:"fingerprint"`
	ExpMonth    int    `json:"exp_month"`
	ExpYear     int    `json:"exp_year"`
}

// PaymentIntent is one payment from the wish to the money.
type PaymentIntent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	AmountCapturable   int64             `json:"amount_capturable"`
	AmountReceived     int64             `json:"amount_received"`
	AutomaticMethods   *automaticMethods `json:"automatic_payment_methods"`
	CanceledAt         *int64            `json:"canceled_at"`
	CancellationReason *string           `json:"cancellation_reason"`
	CaptureMethod      string            `json:"capture_method"`
	ClientSecret       string            `json:"client_secret"`
	ConfirmationMethod string            `json:"confirmation_method"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Customer           *string           `json:"customer"`
	Description        *string           `json:"description"`
	LastPaymentError   *paymentError     `json:"last_payment_error"`
	LatestCharge       *string           `json:"latest_charge"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	NextAction         *nextAction       `json:"next_action"`
	PaymentMethod      *string           `json:"payment_method"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	ReceiptEmail       *string           `json:"receipt_email"`
	SetupFutureUsage   *string           `json:"setup_future_usage"`
	Status             string            `json:"status"`
}

type automaticMethods struct {
	AllowRedirects string `json:"allow_redirects"`
	Enabled        bool   `json:"enabled"`
}

type nextAction struct {
	Type          string      `json:"type"`
	RedirectToURL redirectURL `json:"redirect_to_url"`
}

type redirectURL struct {
	URL       string `json:"url"`
	ReturnURL string `json:"return_url"`
}

type paymentError struct {
	Type          string         `json:"type"`
	Code          string         `json:"code"`
	DeclineCode   string         `json:"decline_code,omitempty"`
	Message       string         `json:"message"`
	Charge        string         `json:"charge,omitempty"`
	PaymentMethod *PaymentMethod `json:"payment_method,omitempty"`
}

// Charge is one attempt to move money.
type Charge struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Amount         int64             `json:"amount"`
	AmountCaptured int64             `json:"amount_captured"`
	AmountRefunded int64             `json:"amount_refunded"`
	Captured       bool              `json:"captured"`
	Created        int64             `json:"created"`
	Currency       string            `json:"currency"`
	Customer       *string           `json:"customer"`
	Description    *string           `json:"description"`
	FailureCode    *string           `json:"failure_code"`
	FailureMessage *string           `json:"failure_message"`
	Livemode       bool              `json:"livemode"`
	Metadata       map[string]string `json:"metadata"`
	Outcome        outcome           `json:"outcome"`
	Paid           bool              `json:"paid"`
	PaymentIntent  *string           `json:"payment_intent"`
	PaymentMethod  *string           `json:"payment_method"`
	Details        methodDetails     `json:"payment_method_details"`
	Refunded       bool              `json:"refunded"`
	Status         string            `json:"status"`
}

type outcome struct {
	NetworkStatus string  `json:"network_status"`
	Reason        *string `json:"reason"`
	SellerMessage string  `json:"seller_message"`
	Type          string  `json:"type"`
}

type methodDetails struct {
	Type string `json:"type"`
	Card Card   `json:"card"`
}

// Refund is money given back.
type Refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Charge        string            `json:"charge"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent *string           `json:"payment_intent"`
	Reason        *string           `json:"reason"`
	Status        string            `json:"status"`
}

// Event tells of one change.
type Event struct {
	ID              string       `json:"id"`
	Object          string       `json:"object"`
	APIVersion      string       `json:"api_version"`
	Created         int64        `json:"created"`
	Data            eventData    `json:"data"`
	Livemode        bool         `json:"livemode"`
	PendingWebhooks int          `json:"pending_webhooks"`
	Request         eventRequest `json:"request"`
	Type            string       `json:"type"`
}

type eventData struct {
	Object json.RawMessage `json:"object"`
}

type eventRequest struct {
	ID             *string `json:"id"`
	IdempotencyKey *string `json:"idempotency_key"`
}

// WebhookEndpoint is where events are sent. Its secret is only told when it is made.
type WebhookEndpoint struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	APIVersion    *string           `json:"api_version"`
	Created       int64             `json:"created"`
	Description   *string           `json:"description"`
	EnabledEvents []string          `json:"enabled_events"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	Secret        string            `json:"secret,omitempty"`
	Status        string            `json:"status"`
	URL           string            `json:"url"`
}

// Price is what one of something costs.
type Price struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Active        bool              `json:"active"`
	BillingScheme string            `json:"billing_scheme"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	Product       string            `json:"product"`
	Type          string            `json:"type"`
	UnitAmount    int64             `json:"unit_amount"`
}

// PaymentLink is an address where whoever has it can pay, as often as its restrictions allow.
type PaymentLink struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Active             bool              `json:"active"`
	Currency           string            `json:"currency"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	Restrictions       *restrictions     `json:"restrictions"`
	URL                string            `json:"url"`
}

type restrictions struct {
	CompletedSessions completedSessions `json:"completed_sessions"`
}

type completedSessions struct {
	Count int64 `json:"count"`
	Limit int64 `json:"limit"`
}

// CheckoutSession is one customer on the way through a page to pay at. Its URL is told only while it is open.
type CheckoutSession struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	AmountSubtotal     int64             `json:"amount_subtotal"`
	AmountTotal        int64             `json:"amount_total"`
	CancelURL          *string           `json:"cancel_url"`
	ClientReferenceID  *string           `json:"client_reference_id"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Customer           *string           `json:"customer"`
	ExpiresAt          int64             `json:"expires_at"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	Mode               string            `json:"mode"`
	PaymentIntent      *string           `json:"payment_intent"`
	PaymentLink        *string           `json:"payment_link"`
	PaymentMethodTypes []string          `json:"payment_method_types"`
	PaymentStatus      string            `json:"payment_status"`
	Status             string            `json:"status"`
	SuccessURL         *string           `json:"success_url"`
	URL                *string           `json:"url"`
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
