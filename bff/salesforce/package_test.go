package salesforce

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// metadata is a field of the package that is deployed.
type metadata struct {
	FullName         string   `xml:"fullName"`
	Type             string   `xml:"type"`
	Length           int      `xml:"length"`
	Precision        int      `xml:"precision"`
	Scale            int      `xml:"scale"`
	ExternalID       bool     `xml:"externalId"`
	Unique           bool     `xml:"unique"`
	ReferenceTo      string   `xml:"referenceTo"`
	RelationshipName string   `xml:"relationshipName"`
	Values           []string `xml:"valueSet>valueSetDefinition>value>fullName"`
}

const packageRoot = "package/force-app/main/default"

func deployed(t *testing.T) map[string]metadata {
	t.Helper()
	files, err := filepath.Glob(packageRoot + "/objects/*/fields/*.field-meta.xml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fields, %v", len(files), err)
	}
	fields := map[string]metadata{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var m metadata
		if err := xml.Unmarshal(raw, &m); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if filepath.Base(file) != m.FullName+".field-meta.xml" {
			t.Errorf("%s is about %s", file, m.FullName)
		}
		fields[filepath.Base(filepath.Dir(filepath.Dir(file)))+"."+m.FullName] = m
	}
	return fields
}

// The package that is deployed has what the adapter uses, as it uses it, and
// nothing else. That the sandbox has the same is TestClient_Missing.
func TestPackage(t *testing.T) {
	has := deployed(t)
	for _, o := range schemas() {
		if custom(o.name) {
			if _, err := os.Stat(filepath.Join(packageRoot, "objects", o.name, o.name+".object-meta.xml")); err != nil {
				t.Errorf("%s is not in the package: %v", o.name, err)
			}
		}
		for _, f := range o.fields {
			if !custom(f.name) {
				continue
			}
			name := o.name + "." + f.name
			m, ok := has[name]
			delete(has, name)
			if !ok {
				t.Errorf("%s is not in the package", name)
			} else if wrong := f.differs(m); wrong != "" {
				t.Errorf("%s %s", name, wrong)
			}
		}
	}
	for name := range has {
		t.Errorf("nothing uses %s of the package", name)
	}
}

// differs says how a field of the package is not what the adapter uses.
func (f fieldSchema) differs(m metadata) string {
	types := map[kind][]string{
		textField: {"Text"}, longText: {"LongTextArea"}, wholeNumber: {"Number", "Summary"}, flagField: {"Checkbox"}, dateField: {"Date"},
		datetimeField: {"DateTime"}, choiceField: {"Picklist"}, lookupField: {"Lookup", "MasterDetail"},
	}
	switch {
	case !slices.Contains(types[f.kind], m.Type):
		return "is a " + m.Type + ", not a " + string(f.kind)
	case m.Length < f.length:
		return "is too short"
	case f.unique != (m.ExternalID && m.Unique):
		return "is a key on one side only"
	case m.Type == "Number" && (m.Precision != 18 || m.Scale != 0):
		return "is not a whole number of 18 digits"
	case f.readOnly != (m.Type == "Summary"):
		return "is computed on one side only"
	case f.parent != m.ReferenceTo:
		return "points to " + m.ReferenceTo
	case f.kind == choiceField && !slices.Equal(f.choices, m.Values):
		return "offers " + strings.Join(m.Values, ", ")
	}
	return ""
}

// What the version rule of an org must do is told by its formula; the words of
// its message are what the adapter looks for.
func TestPackage_VersionRule(t *testing.T) {
	raw, err := os.ReadFile(packageRoot + "/objects/Invoice__c/validationRules/Version_Conflict.validationRule-meta.xml")
	if err != nil {
		t.Fatal(err)
	}
	var rule struct {
		Active  bool   `xml:"active"`
		Formula string `xml:"errorConditionFormula"`
		Field   string `xml:"errorDisplayField"`
		Message string `xml:"errorMessage"`
	}
	if err := xml.Unmarshal(raw, &rule); err != nil {
		t.Fatal(err)
	}
	if !rule.Active || rule.Field != "Base_Version__c" || !strings.HasPrefix(rule.Message, versionConflict) || !strings.Contains(rule.Formula, "PRIORVALUE(Version__c)") {
		t.Errorf("%+v", rule)
	}
}

func TestPackage_PermissionSet(t *testing.T) {
	raw, err := os.ReadFile(packageRoot + "/permissionsets/FieldPay_Server.permissionset-meta.xml")
	if err != nil {
		t.Fatal(err)
	}
	var set struct {
		Fields []struct {
			Field    string `xml:"field"`
			Editable bool   `xml:"editable"`
		} `xml:"fieldPermissions"`
		Objects []struct {
			Object string `xml:"object"`
			Create bool   `xml:"allowCreate"`
			Delete bool   `xml:"allowDelete"`
		} `xml:"objectPermissions"`
	}
	if err := xml.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	has := deployed(t)
	for _, p := range set.Fields {
		if _, ok := has[p.Field]; !ok {
			t.Errorf("it allows %s, which the package does not have", p.Field)
		}
	}
	for _, o := range set.Objects {
		known, ok := objectNamed(schemas(), o.Object)
		if !ok || o.Create != known.writes || o.Delete {
			t.Errorf("%+v does not fit what the adapter does", o)
		}
	}
}
