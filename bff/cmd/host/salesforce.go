package host

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/rs/zerolog"

	"fieldpay/bff"
	"fieldpay/bff/salesforce"
)

// crm makes the adapter of Salesforce that the configuration asks for.
func (c Config) crm(hc *http.Client, log zerolog.Logger) (*salesforce.Client, error) {
	o := salesforce.Options{
		HTTP: hc, BaseURL: c.SalesforceLoginURL, ClientID: c.SalesforceClientID, ClientSecret: c.SalesforceClientSecret,
		APIVersion: c.SalesforceAPIVersion, Logger: log,
	}
	if c.SalesforceMapping != "" {
		raw, err := os.ReadFile(c.SalesforceMapping)
		if err != nil {
			return nil, fmt.Errorf("reading SALESFORCE_MAPPING: %w", err)
		}
		if o.Mapping, err = salesforce.ParseMapping(raw); err != nil {
			return nil, err
		}
	}
	if c.SalesforceKeyFile != "" {
		key, err := os.ReadFile(c.SalesforceKeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading SALESFORCE_KEY_FILE: %w", err)
		}
		o.JWT = &salesforce.JWTBearer{Username: c.SalesforceUsername, Key: key, Audience: c.SalesforceAudience}
	}
	return salesforce.New(o)
}

// signOn makes the sign-in at the org. Without a secret of its own, which the
// web-server flow needs, the server offers none.
func (h *Host) signOn(hc *http.Client, identity *bff.Identity, key []byte) (*bff.SignOn, error) {
	if h.config.SalesforceClientSecret == "" {
		return nil, nil
	}
	page, err := salesforce.NewSignOn(salesforce.SignOnOptions{
		BaseURL: h.config.SalesforceLoginURL, ClientID: h.config.SalesforceClientID, ClientSecret: h.config.SalesforceClientSecret, HTTP: hc,
	})
	if err != nil {
		return nil, err
	}
	public := h.config.PublicURL
	if public == "" {
		public = h.url
	}
	return bff.NewSignOn(bff.SignOnOptions{
		Directory: page, Nonces: h.stores.Enrolments, Identity: identity, Key: key, PublicURL: public,
	})
}

// checkOrg says what the org lacks of what FieldPay uses, and whether it has all.
func (c Config) checkOrg(ctx context.Context, r *report, crm *salesforce.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, 4*checkTimeout)
	defer cancel()
	missing, err := crm.Missing(ctx)
	if err != nil {
		r.failed("Salesforce: looking at the org", err)
		return false
	}
	for _, sentence := range missing {
		r.say("Salesforce: %s", sentence)
	}
	if len(missing) > 0 {
		r.wrong("salesforce lacks %d things: deploy the package of bff/salesforce/package and give the permission set FieldPay_Server to the server's user, or say in SALESFORCE_MAPPING what they are called there", len(missing))
		return false
	}
	r.say("Salesforce has every object and field that is used")
	return true
}
