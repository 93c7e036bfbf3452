// Package bundle puts what support asks for into one file that a person can look
// through before it leaves: named parts of text, none of which has data of
// customers, and which are sealed to the company's key or saved as they are.
//
//	b := bundle.Bundle{MadeAt: time.Now(), Parts: parts}
//	recipient, err := bundle.ParseKey("age1…")
//	err = b.Seal(file, recipient)     // age, opened with: age -d -i key.txt
//	err = b.Write(file)               // a plain zip
package bundle

import (
	"archive/zip"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"fieldpay/action"
)

// Part is one file of a bundle.
type Part struct {
	// Name is that of the file, About one sentence on what is in it.
	Name, About string
	Text        string
}

// Bundle is everything that leaves, in the order in which it is shown.
type Bundle struct {
	MadeAt time.Time
	Parts  []Part
}

// Key is the public key of whoever may open a bundle.
type Key struct{ recipient *age.X25519Recipient }

// ParseKey reads a public key as age-keygen prints it. The error is an
// *action.Error of code PolicyInvalid.
func ParseKey(text string) (Key, error) {
	recipient, err := age.ParseX25519Recipient(text)
	if err != nil {
		return Key{}, &action.Error{
			Code: action.PolicyInvalid, Message: "The company's key for support bundles cannot be used",
			Hint: "It must be a public key of age, which begins with age1", Op: "reading the support key", Cause: err,
		}
	}
	return Key{recipient}, nil
}

// Write writes the bundle as a zip.
func (b Bundle) Write(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, p := range b.Parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Deflate, Modified: b.MadeAt.UTC()})
		if err != nil {
			return fmt.Errorf("adding %s to the bundle: %w", p.Name, err)
		}
		if _, err := io.WriteString(f, p.Text); err != nil {
			return fmt.Errorf("adding %s to the bundle: %w", p.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("ending the bundle: %w", err)
	}
	return nil
}

// Seal writes the bundle so that only the owner of the key can read it.
func (b Bundle) Seal(w io.Writer, key Key) error {
	sealed, err := age.Encrypt(w, key.recipient)
	if err != nil {
		return fmt.Errorf("sealing the bundle: %w", err)
	}
	if err := b.Write(sealed); err != nil {
		return err
	}
	if err := sealed.Close(); err != nil {
		return fmt.Errorf("sealing the bundle: %w", err)
	}
	return nil
}

// FileName is what a bundle is called: by its moment, and by whether it is
// sealed.
func (b Bundle) FileName(sealed bool) string {
	name := "fieldpay-support-" + b.MadeAt.UTC().Format("20060102-150405") + ".zip"
	if sealed {
		name += ".age"
	}
	return name
}
