package app_test

import (
	"archive/zip"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fieldpay/action"
	"fieldpay/app"
)

// Nothing that a person typed, no name, token, password or key is in what leaves
// the device (invariant 8), however it is written.
func TestDevice_Bundle(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	o := newOffice(t)
	r := signedIn(t, o)
	canaries := []string{"Canary Lovelace", "demo123", "demo@fieldpay.com", "Acme Corporation", r.config.DataDir.Value}
	if _, err := r.SaveVisit(app.VisitForm{AccountID: "acc-001", Note: "Canary Lovelace wants a quote", Outcome: "met"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SaveVisit(app.VisitForm{AccountID: "Canary Lovelace", Note: "n", Outcome: "met"}); err == nil {
		t.Fatal("a visit to a name was saved")
	}
	log := `{"level":"error","error":"for Canary Lovelace","message":"bridge call failed","method":"SaveVisit"}` + "\n"
	if err := os.WriteFile(filepath.Join(r.config.DataDir.Value, "fieldpay.log"), []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	gathered, err := r.PreviewBundle()
	if err != nil {
		t.Fatal(err)
	}

	t.Run("every part is there, can be read, and has no canary", func(t *testing.T) {
		names := map[string]string{}
		for _, p := range gathered.Parts {
			names[p.Name] = p.Text
			for _, canary := range canaries {
				for _, form := range forms(canary) {
					if strings.Contains(p.Text, form) {
						t.Errorf("%s has %q:\n%s", p.Name, form, p.Text)
					}
				}
			}
			if p.About == "" || strings.Contains(p.Text, "notRead") || strings.Contains(p.Text, "eyJ") || strings.Contains(p.Text, "fp_rt_") {
				t.Errorf("%s (%s): %s", p.Name, p.About, p.Text)
			}
		}
		for name, want := range map[string]string{
			"about.json": `"device"`, "settings.json": `"source": "flag"`, "status.json": `"unsent"`, "journal.json": `"log_visit"`, "integrity.json": `"ok": true`,
			"events.json": "auth_success", "connections.json": "[", "crashes.json": "null", "fieldpay.log": "bridge call failed",
		} {
			if !strings.Contains(names[name], want) {
				t.Errorf("%s lacks %s: %s", name, want, names[name])
			}
		}
	})

	t.Run("what is saved is what was seen", func(t *testing.T) {
		if err := os.Mkdir(filepath.Join(home, "Downloads"), 0o700); err != nil {
			t.Fatal(err)
		}
		saved, err := r.SaveBundle(app.BundleRequest{ID: gathered.ID})
		if err != nil || saved.Sealed || filepath.Dir(saved.Path) != filepath.Join(home, "Downloads") {
			t.Fatalf("%+v, %v", saved, err)
		}
		z, err := zip.OpenReader(saved.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		if len(z.File) != len(gathered.Parts) {
			t.Fatalf("%d files for %d parts", len(z.File), len(gathered.Parts))
		}
		for i, f := range z.File {
			text := unzip(t, f)
			if f.Name != gathered.Parts[i].Name || text != gathered.Parts[i].Text {
				t.Errorf("%s differs", f.Name)
			}
		}
	})

	t.Run("a bundle that was not looked through is not saved", func(t *testing.T) {
		if _, err := r.SaveBundle(app.BundleRequest{ID: "another"}); action.CodeOf(err) != action.NotPossible {
			t.Error(err)
		}
	})
}

func unzip(t *testing.T, f *zip.File) string {
	t.Helper()
	in, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// forms are the ways in which a text may hide in another.
func forms(text string) []string {
	return []string{
		text, url.QueryEscape(text), hex.EncodeToString([]byte(text)),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(text)), "="),
	}
}
