package host_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"

	"fieldpay/action"
	"fieldpay/bff/cmd/host"
)

func TestHost_Prices(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	var list []struct {
		ProductID, Code, Name, Currency string
		UnitPrice                       int64
	}
	c.call("GET", "/salesforce/prices", "", http.StatusOK, &list)
	found := map[string]int64{}
	for _, p := range list {
		found[p.ProductID+" "+p.Currency] = p.UnitPrice
	}
	// Major units of two, no and three decimals, as the price book has them.
	for entry, want := range map[string]int64{"prod-001 usd": 1999, "prod-001 jpy": 2800, "prod-005 kwd": 76500, "prod-003 eur": 8900} {
		if found[entry] != want {
			t.Errorf("%s is %d, not %d", entry, found[entry], want)
		}
	}
	if _, there := found["prod-006 usd"]; there {
		t.Error("what is not sold any more has a price")
	}
}

func TestHost_Attachment(t *testing.T) {
	h := start(t, host.Config{DataDir: t.TempDir()})
	defer closeHost(t, h)
	c := signedIn(t, h.URL())
	content := []byte("a photo of the pump")
	sum := sha256.Sum256(content)
	hash, visit, attachment := hex.EncodeToString(sum[:]), action.NewID(), action.NewID()
	batch := fmt.Sprintf(`{"actions":[
		{"id":%[1]q,"type":"log_visit","payload":{"id":%[1]q,"accountId":"acc-001","note":"n","outcome":"met"}},
		{"id":%[2]q,"type":"add_attachment","needs":[%[1]q],"payload":{"parentKind":"visit","parentId":%[1]q,
			"sha256":%[3]q,"size":%[4]d,"mediaType":"image/jpeg","name":"pump.jpg","role":"photo"}}]}`, visit, attachment, hash, len(content))
	for range 2 {
		c.upload(hash, content)
		var a synced
		c.call("POST", "/sync/actions", batch, http.StatusOK, &a)
		if len(a.Succeeded) != 2 {
			t.Fatalf("%+v", a.Results)
		}
	}
	versions, links := recordsOf(t, h, "ContentVersion"), recordsOf(t, h, "ContentDocumentLink")
	if len(versions) != 1 || versions[0]["Sha256__c"] != hash || versions[0]["ContentSize"] != float64(len(content)) {
		t.Errorf("files %v", versions)
	}
	visits := recordsOf(t, h, "Visit__c")
	if len(links) != 1 || links[0]["ContentDocumentId"] != versions[0]["ContentDocumentId"] || links[0]["LinkedEntityId"] != visits[len(visits)-1]["Id"] {
		t.Errorf("links %v", links)
	}
}

// upload sends the bytes of an attachment.
func (c *client) upload(hash string, content []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPut, c.url+"/attachments/"+hash, bytes.NewReader(content))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("File-Name", "pump.jpg")
	req.Header.Set("File-Type", "image/jpeg")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusNoContent {
		c.t.Fatalf("%s %v", res.Status, err)
	}
}
