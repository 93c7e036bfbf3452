package host

import (
	"cmp"
	"net/http"
	"strings"

	"fieldpay/bff"
	"fieldpay/bff/console"
)

// office makes what people of the office decide with, and its pages.
func (h *Host) office(processor *bff.Processor, identity *bff.Identity, registry *bff.DeviceRegistry, key []byte) (*bff.Office, http.Handler, error) {
	office, err := bff.NewOffice(bff.OfficeOptions{
		Ledger: h.stores.Ledger, Desk: h.stores.Desk, Processor: processor, Audit: h.stores.Audit, Logger: h.log,
	})
	if err != nil {
		return nil, nil, err
	}
	pages, err := console.New(console.Options{
		Identity: identity, Registry: registry, Office: office, Users: h.stores.Users, Ledger: h.stores.Ledger, Desk: h.stores.Desk,
		Devices: h.stores.Devices, Telemetry: h.stores.Telemetry, Audit: h.stores.Audit, Key: key, Logger: h.log,
		PublicURL: cmp.Or(strings.TrimSuffix(h.config.PublicURL, "/"), h.url),
		Secure:    h.config.TLSCert != "" || strings.HasPrefix(h.config.PublicURL, "https://"),
	})
	if err != nil {
		return nil, nil, err
	}
	return office, pages, nil
}
