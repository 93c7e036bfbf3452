// Command package does the parts of packaging that are more than a call of a
// packager; package.sh calls it, and whoever checks a release calls verify.
//
//	go run ./build/package changelog -version V -time SECONDS <CHANGELOG.md
//	go run ./build/package debian    -version V -time SECONDS <CHANGELOG.md
//	go run ./build/package four-part V
//	go run ./build/package sbom -version V -time SECONDS -lock package-lock.json PROGRAM…
//	go run ./build/package notices -lock package-lock.json PROGRAM…
//	go run ./build/package manifest -version V -commit C -time SECONDS -journal N [-key KEY.pem] FOLDER <CHANGELOG.md
//	go run ./build/package sign -key KEY.pem FOLDER
//	go run ./build/package verify -public PUBLIC.pem FOLDER
//	go run ./build/package public KEY.pem
//	go run ./build/package embedded PUBLIC.pem…
//
// All but manifest and sign write to standard output. What they write depends on
// the arguments and files alone, so the same commit gives the same bytes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

var errUsage = errors.New("usage: package changelog|debian|four-part|sbom|notices|manifest|sign|verify|public|embedded [flags] [arguments]")

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
}

// edition says what is being packaged.
type edition struct {
	version, commit string
	at              time.Time
	// journal is the schema of the journal that the programs write.
	journal int
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	var r edition
	var seconds int64
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.StringVar(&r.version, "version", "", "version of the release")
	flags.StringVar(&r.commit, "commit", "", "commit of the release")
	flags.Int64Var(&seconds, "time", 0, "time of the commit, in seconds since 1970")
	flags.IntVar(&r.journal, "journal", 1, "schema of the journal that the programs write")
	lock := flags.String("lock", "", "npm's lock file")
	key := flags.String("key", "", "file with the Ed25519 key that signs, as PKCS #8 PEM")
	public := flags.String("public", "", "file with the Ed25519 key that verifies, as PEM")
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("reading the arguments: %w", err)
	}
	r.at = time.Unix(seconds, 0).UTC()
	one := flags.Arg(0)
	if flags.NArg() == 0 && args[0] != "changelog" && args[0] != "debian" {
		return errUsage
	}
	switch args[0] {
	case "changelog":
		return writeChangelog(out, in, r)
	case "debian":
		return writeDebian(out, in, r)
	case "four-part":
		return writeFourPart(out, one)
	case "sbom":
		return writeSBOM(out, r, *lock, flags.Args())
	case "notices":
		return writeNotices(out, *lock, flags.Args())
	case "manifest":
		notes, err := readNotes(in, r)
		if err != nil {
			return err
		}
		return writeManifest(one, r, notes, *key)
	case "sign":
		return sign(one, *key)
	case "verify":
		return verify(out, one, *public)
	case "public":
		return writePublic(out, one)
	case "embedded":
		return writeEmbedded(out, flags.Args())
	}
	return errUsage
}
