package bundle_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"fieldpay/action"
	"fieldpay/app/bundle"
)

func example() bundle.Bundle {
	return bundle.Bundle{
		MadeAt: time.Date(2026, 11, 22, 10, 20, 30, 0, time.UTC),
		Parts:  []bundle.Part{{Name: "about.json", About: "versions", Text: "{}"}, {Name: "log/fieldpay.log", Text: "a line"}},
	}
}

func read(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestBundle_Seal(t *testing.T) {
	t.Run("only the owner of the key reads it", func(t *testing.T) {
		owner, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		key, err := bundle.ParseKey(owner.Recipient().String())
		if err != nil {
			t.Fatal(err)
		}
		var sealed bytes.Buffer
		if err := example().Seal(&sealed, key); err != nil {
			t.Fatal(err)
		}
		stranger, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := age.Decrypt(bytes.NewReader(sealed.Bytes()), stranger); err == nil {
			t.Error("a stranger opened it")
		}
		opened, err := age.Decrypt(bytes.NewReader(sealed.Bytes()), owner)
		if err != nil {
			t.Fatal(err)
		}
		archive, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		if files := read(t, archive); len(files) != 2 || files["log/fieldpay.log"] != "a line" {
			t.Errorf("got %q", files)
		}
	})

	t.Run("a key that is none is refused", func(t *testing.T) {
		for _, text := range []string{"", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1"} {
			if _, err := bundle.ParseKey(text); action.CodeOf(err) != action.PolicyInvalid {
				t.Errorf("%q: %v", text, err)
			}
		}
	})

	t.Run("the name says whether it is sealed", func(t *testing.T) {
		if got := example().FileName(true) + " " + example().FileName(false); got != "fieldpay-support-20261122-102030.zip.age fieldpay-support-20261122-102030.zip" {
			t.Error(got)
		}
	})
}

func TestCleanLog(t *testing.T) {
	got := bundle.CleanLog(strings.Join([]string{
		`{"level":"info","time":"2026-11-22T10:20:30Z","method":"SaveVisit","code":"disk_full","took":1.5,"message":"bridge call failed"}`,
		`{"level":"error","error":"saving Ada Lovelace: disk full","kind":"x: y","customer":"Ada","message":"for ada@example.com"}`,
		`Ada Lovelace called`,
		`{"code":"Ada Lovelace"}`,
	}, "\n"))
	want := `{"code":"disk_full","level":"info","message":"bridge call failed","method":"SaveVisit","time":"2026-11-22T10:20:30Z","took":1.5}
{"level":"error"}
`
	if got != want {
		t.Errorf("got %s", got)
	}
}

func FuzzCleanLog(f *testing.F) {
	f.Add(`{"message":"x","took":1}`)
	f.Add(`{"took":1e400,"level":[{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		once := bundle.CleanLog(text)
		if bundle.CleanLog(once) != once {
			t.Errorf("cleaning %q again changes it", once)
		}
	})
}
