package salesforce_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"fieldpay/action"
	"fieldpay/bff/salesforce"
	sandboxorg "fieldpay/sandbox/salesforce"
)

func TestClient_SignsInByKey(t *testing.T) {
	key := func() (*rsa.PrivateKey, []byte) {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		return k, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})
	}
	known, text := key()
	_, foreign := key()
	o := newOrgWith(t, sandboxorg.Options{JWTKey: &known.PublicKey})
	client := func(user string, text []byte) *salesforce.Client {
		c, err := salesforce.New(salesforce.Options{BaseURL: o.url, ClientID: "fieldpay-sandbox", JWT: &salesforce.JWTBearer{Username: user, Key: text}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if err := client("integration@fieldpay.example.com", text).Ping(t.Context()); err != nil {
		t.Errorf("with the key: %v", err)
	}
	wantCode(t, client("integration@fieldpay.example.com", foreign).Ping(t.Context()), action.UpstreamLogin)
	wantCode(t, client("somebody@example.com", text).Ping(t.Context()), action.UpstreamLogin)
	if _, err := salesforce.New(salesforce.Options{BaseURL: o.url, ClientID: "x", JWT: &salesforce.JWTBearer{Username: "u", Key: []byte("no key")}}); err == nil {
		t.Error("a key that is none was taken")
	}
}
