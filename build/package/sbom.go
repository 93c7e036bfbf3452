package main

import (
	"cmp"
	"crypto/sha1"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// writeSBOM lists what is in the programs, as CycloneDX: the modules that the
// linker recorded in each, and the npm packages that the lock file installs for
// the screens. Tools of the build are left out: nothing of them is shipped.
func writeSBOM(w io.Writer, r edition, lock string, programs []string) error {
	found := map[string]cdx.Component{}
	for _, program := range programs {
		if err := addModules(found, program); err != nil {
			return fmt.Errorf("reading the modules of %s: %w", filepath.Base(program), err)
		}
	}
	if err := addPackages(found, lock); err != nil {
		return fmt.Errorf("reading the packages of the screens: %w", err)
	}
	components := make([]cdx.Component, 0, len(found))
	for _, c := range found {
		components = append(components, c)
	}
	slices.SortFunc(components, func(a, b cdx.Component) int { return cmp.Compare(a.BOMRef, b.BOMRef) })
	bom := cdx.NewBOM()
	bom.SerialNumber = "urn:uuid:" + serial(r, components)
	self := cdx.Component{
		BOMRef: "pkg:generic/fieldpay@" + r.version, Type: cdx.ComponentTypeApplication, Name: "fieldpay", Version: r.version,
		Licenses: &cdx.Licenses{{License: &cdx.License{ID: "Apache-2.0"}}},
	}
	bom.Metadata = &cdx.Metadata{Timestamp: r.at.Format(time.RFC3339), Component: &self}
	bom.Components = &components
	refs := make([]string, len(components))
	for i, c := range components {
		refs[i] = c.BOMRef
	}
	bom.Dependencies = &[]cdx.Dependency{{Ref: self.BOMRef, Dependencies: &refs}}
	if err := cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom); err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	return nil
}

// serial is a UUID (version 5 in form) over what is listed: the same content has
// the same number.
func serial(r edition, components []cdx.Component) string {
	sum := sha1.New()
	fmt.Fprintln(sum, "fieldpay", r.version, r.at.Unix())
	for _, c := range components {
		fmt.Fprintln(sum, c.BOMRef)
	}
	id := sum.Sum(nil)[:16]
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// addModules adds the modules of one program, and the Go that compiled it.
func addModules(found map[string]cdx.Component, program string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	add := func(path, version string) {
		purl := "pkg:golang/" + path + "@" + version
		found[purl] = cdx.Component{BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: purl}
	}
	add("std", strings.TrimPrefix(info.GoVersion, "go"))
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		add(m.Path, m.Version)
	}
	return nil
}

// lockFile is what is read of npm's lock file.
type lockFile struct {
	Packages map[string]struct {
		Version   string `json:"version"`
		Integrity string `json:"integrity"`
		License   string `json:"license"`
		Dev       bool   `json:"dev"`
		Optional  bool   `json:"optional"`
	} `json:"packages"`
}

func addPackages(found map[string]cdx.Component, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var lock lockFile
	if err := json.Unmarshal(text, &lock); err != nil {
		return err
	}
	for place, p := range lock.Packages {
		_, name, below := cutLast(place, "node_modules/")
		if !below || p.Dev || p.Optional {
			continue
		}
		purl := "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version
		c := cdx.Component{BOMRef: purl, Type: cdx.ComponentTypeLibrary, Name: name, Version: p.Version, PackageURL: purl}
		if c.Hashes, err = hashes(p.Integrity); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if p.License != "" {
			c.Licenses = &cdx.Licenses{{Expression: p.License}}
		}
		found[purl] = c
	}
	return nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

// hashes turns npm's "sha512-<base64>" into the form of CycloneDX.
func hashes(integrity string) (*[]cdx.Hash, error) {
	sum, ok := strings.CutPrefix(integrity, "sha512-")
	if !ok {
		return nil, errors.New("the lock file has no SHA-512 of it")
	}
	raw, err := base64.StdEncoding.DecodeString(sum)
	if err != nil {
		return nil, fmt.Errorf("decoding its SHA-512: %w", err)
	}
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA512, Value: hex.EncodeToString(raw)}}, nil
}
