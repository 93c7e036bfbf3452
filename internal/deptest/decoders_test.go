package deptest_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// A decoder is a file that makes sense of bytes, and the fuzz test that throws
// any bytes at it.
type decoder struct {
	file string
	// fuzz is "folder.FuzzName".
	fuzz string
}

// decoders names every place where bytes are decoded. Bytes from outside come
// to a fuzz test; only what the same program wrote, sealed or for itself alone,
// needs none.
func decoders() []decoder {
	return []decoder{
		{file: "action/decode.go", fuzz: "action.FuzzParse"},
		{file: "action/number.go", fuzz: "action.FuzzParseQuantity"},
		{file: "action/money.go", fuzz: "action.FuzzParseMoney"},
		{file: "app/browserhost/call.go", fuzz: "app/browserhost.FuzzHost_Call"},
		{file: "app/bridge.go", fuzz: "app.FuzzBridge"},
		{file: "app/policy/policy.go", fuzz: "app/policy.FuzzReadFile"},
		{file: "app/update/memory.go", fuzz: "app/update.FuzzUpdater_Status"},
		{file: "app/update/unpack.go", fuzz: "app/update.FuzzUnpack"},
		{file: "app/bundle/log.go", fuzz: "app/bundle.FuzzCleanLog"},
		{file: "app/vault/wrapped.go", fuzz: "app/vault.FuzzOpen"},
		{file: "app/cmd/fieldpayctl/journal.go", fuzz: "action.FuzzAction"},
		{file: "bff-client/call.go", fuzz: "bff-client.FuzzClient_Send"},
		{file: "bff-client/probe.go", fuzz: "bff-client.FuzzClient_Read"},
		{file: "bff-client/failure.go", fuzz: "bff-client.FuzzDecodeProblem"},
		{file: "bff-client/retry_after.go", fuzz: "bff-client.FuzzParseRetryAfter"},
		{file: "bff/submit.go", fuzz: "bff.FuzzProcessor_Submit"},
		{file: "bff/rights.go", fuzz: "bff.FuzzProcessor_Submit"},
		{file: "bff/office.go", fuzz: "bff/console.FuzzConsole"},
		{file: "bff/console/actions.go", fuzz: "bff/console.FuzzConsole"},
		{file: "bff/audit.go", fuzz: "bff.FuzzProcessor_Submit"},
		{file: "bff/middleware.go", fuzz: "bff.FuzzServer"},
		{file: "bff/handle_stripe.go", fuzz: "bff.FuzzServer"},
		{file: "bff/identity.go", fuzz: "bff.FuzzIdentity"},
		{file: "bff/sign_on.go", fuzz: "bff.FuzzSignOn"},
		{file: "bff/salesforce/token.go", fuzz: "bff/salesforce.FuzzClient_answers"},
		{file: "bff/salesforce/sign_on.go", fuzz: "bff/salesforce.FuzzIdentity"},
		{file: "bff/stripepay/webhook.go", fuzz: "bff/stripepay.FuzzClient_ParseEvent"},
		{file: "bff/salesforce/client.go", fuzz: "bff/salesforce.FuzzClient_answers"},
		{file: "bff/salesforce/composite.go", fuzz: "bff/salesforce.FuzzClient_answers"},
		{file: "bff/salesforce/error.go", fuzz: "bff/salesforce.FuzzClient_answers"},
		{file: "bff/salesforce/sign_on.go", fuzz: "bff/salesforce.FuzzSignOn_Person"},
		{file: "bff/salesforce/mapping.go", fuzz: "bff/salesforce.FuzzParseMapping"},
		{file: "bff/salesforce/translate.go", fuzz: "bff/salesforce.FuzzParseMapping"},
		{file: "bff/salesforce/record.go", fuzz: "bff/salesforce.FuzzClient_answers"},
		{file: "internal/handover/file.go", fuzz: "internal/handover.FuzzOpen"},
		{file: "internal/handover/receipt.go", fuzz: "internal/handover.FuzzReadReceipt"},
		{file: "internal/release/release.go", fuzz: "internal/release.FuzzParse"},
		{file: "internal/sealed/sealed.go", fuzz: "internal/sealed.FuzzFile_Load"},
		{file: "queue/entry.go", fuzz: "queue.FuzzDecodeFirst"},
		{file: "sandbox/control/control.go", fuzz: "sandbox/control.FuzzPlane_Faults"},
		{file: "sandbox/kvlog/kvlog.go", fuzz: "sandbox/kvlog.FuzzOpen"},
		{file: "sandbox/salesforce/soql/parser.go", fuzz: "sandbox/salesforce/soql.FuzzParse"},
		{file: "sandbox/stripe/params.go", fuzz: "sandbox/stripe.FuzzServer_Form"},
	}
}

// writtenByUs says why decoders in a folder, or a file, need no fuzz test of
// their own.
func writtenByUs() map[string]string {
	return map[string]string{
		"app/session/":                  "the session is sealed under our key: package sealed has the fuzz test",
		"app/draft/":                    "the drafts are sealed under our key: package sealed has the fuzz test",
		"app/shift/":                    "the shifts are sealed under our key: package sealed has the fuzz test",
		"app/people/":                   "the register is sealed under our key: package sealed has the fuzz test",
		"app/reference/":                "the cache is sealed under our key: package sealed has the fuzz test",
		"app/settings.go":               "one field, of the person's own file; what cannot be read is told",
		"app/cmd/fieldpayctl/export.go": "it reads what the journal has just written",
		"action/reason.go":              "the catalogue is part of the program, and a test reads all of it",
		"app/event/":                    "our own log: a line that cannot be read is left out, and a test writes foreign ones",
		"bff/bfftest/":                  "a stand-in of tests",
		"bff/problem.go":                "it reads what the line before wrote",
		"bff/token_key.go":              "the server's own store",
		"bff/sqlite/":                   "the server's own store",
		"bff/postgres/":                 "the server's own store",
		"sandbox/salesforce/":           "salesforce.FuzzServer_Body throws bytes at every route",
		"sandbox/stripe/":               "stripe.FuzzServer_Form throws bytes at every route",
		"internal/bench/":               "a tool of measurement reads its own programs",
		"build/":                        "tools of the build read our own files",
		"api/oas_":                      "generated; bff.FuzzServer and bffclient.FuzzClient_Send come through it",
	}
}

var decoding = regexp.MustCompile(`\b(json\.(Unmarshal|NewDecoder)|csv\.NewReader|xml\.(Unmarshal|NewDecoder)|gob\.NewDecoder|gzip\.NewReader|zip\.(NewReader|OpenReader)|jwt\.NewParser)\(`)

func TestDecoders(t *testing.T) {
	named := map[string]bool{}
	tests := sources(t, "_test.go")
	files := sources(t, ".go")
	for _, d := range decoders() {
		named[d.file] = true
		if _, there := files[d.file]; !there {
			t.Errorf("%s is listed as a decoder and is not there", d.file)
		}
		folder, name, _ := strings.Cut(d.fuzz, ".")
		found := false
		for file, src := range tests {
			at := strings.LastIndex(file, "/")
			found = found || at > 0 && file[:at] == folder && bytes.Contains(src, []byte("func "+name+"("))
		}
		if !found {
			t.Errorf("%s decodes bytes from outside, and its fuzz test %s is not there", d.file, d.fuzz)
		}
	}
	for file, src := range files {
		if strings.HasSuffix(file, "_test.go") || named[file] || !decoding.Match(src) {
			continue
		}
		excused := false
		for prefix := range writtenByUs() {
			excused = excused || strings.HasPrefix(file, prefix)
		}
		if !excused {
			t.Errorf("%s decodes bytes: write a fuzz test, and name both in decoders()", file)
		}
	}
}
