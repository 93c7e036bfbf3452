package salesforce

import (
	"crypto/md5" //nolint:gosec // the checksum that Salesforce itself computes
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"path"
	"strings"
)

const (
	fieldVersionData = "VersionData"
	fieldDocument    = "ContentDocumentId"
)

// contentObjects are the files of the org: a version has the bytes, a document is its versions together, a link
// puts a document on a record.
func contentObjects() []*object {
	version := []*field{
		required(text("Title", 255)), required(text("PathOnClient", 500)),
		required(&field{name: fieldVersionData, kind: kindBase64, createOnly: true}),
		{name: fieldDocument, kind: kindReference, refTo: "ContentDocument", relation: "ContentDocument", children: "ContentVersions", createOnly: true},
		{name: "ContentSize", kind: kindNumber, readOnly: true}, readOnly(text("Checksum", 50)), readOnly(text("FileExtension", 40)),
		{name: "IsLatest", kind: kindBoolean, readOnly: true, initial: true}, key("Sha256__c", 64), text("Media_Type__c", 255),
	}
	return []*object{
		{name: "ContentDocument", prefix: "069", fields: []*field{readOnly(text("Title", 255)), readOnly(lookup("LatestPublishedVersionId", "ContentVersion", "LatestPublishedVersion", ""))}},
		{name: "ContentVersion", prefix: "068", fields: version},
		{name: "ContentDocumentLink", prefix: "06A", fields: []*field{
			masterDetail(fieldDocument, "ContentDocument", "ContentDocument", "ContentDocumentLinks"),
			required(&field{name: "LinkedEntityId", kind: kindReference, relation: "LinkedEntity", createOnly: true}),
			byDefault(picklist("ShareType", "V", "C", "I"), "V"), byDefault(picklist("Visibility", "AllUsers", "InternalUsers", "SharedUsers"), "AllUsers"),
		}},
	}
}

func readOnly(f *field) *field { f.readOnly = true; return f }

// nameless tells the objects that have no Name.
func nameless(object string) bool { return strings.HasPrefix(object, "Content") }

// filed is what the org does by itself when a file is inserted: the first version of a document makes the document.
func (s *saver) filed(o *object, prior, r record) *apiError {
	switch {
	case prior != nil:
		return nil
	case o.name == "ContentVersion":
		s.newVersion(r)
	case o.name == "ContentDocumentLink":
		return s.checkLink(o, r)
	}
	return nil
}

func (s *saver) newVersion(r record) {
	raw := fileBytes(r)
	sum := md5.Sum(raw) //nolint:gosec // see the import
	r["ContentSize"], r["Checksum"] = int64(len(raw)), hex.EncodeToString(sum[:])
	r["FileExtension"] = strings.TrimPrefix(path.Ext(r.text("PathOnClient")), ".")
	if r.text(fieldDocument) != "" {
		return
	}
	documents := s.schema.object("ContentDocument")
	id := newID(documents.prefix, s.next(documents))
	stamp := datetime(s.now)
	s.put(documents, record{"Id": id, "Title": r["Title"], "LatestPublishedVersionId": r.id(), "IsDeleted": false,
		"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp})
	s.did("created", documents)
	r[fieldDocument] = id
}

// checkLink refuses a link to nothing, and a second one of the same pair.
func (s *saver) checkLink(o *object, r record) *apiError {
	if _, to := s.lookup(r.text("LinkedEntityId")); to == nil || to.flag("IsDeleted") {
		return fail("INVALID_CROSS_REFERENCE_KEY", []string{"LinkedEntityId"}, "invalid cross reference id")
	}
	for _, other := range s.table(o).live() {
		if other.text(fieldDocument) == r.text(fieldDocument) && other.text("LinkedEntityId") == r.text("LinkedEntityId") {
			return fail("DUPLICATE_VALUE", nil, "duplicate value found: LinkedEntityId duplicates value on record with id: %s", other.id()[:15])
		}
	}
	return nil
}

func fileBytes(r record) []byte {
	raw, err := base64.StdEncoding.DecodeString(r.text(fieldVersionData))
	if err != nil {
		return nil // refused when it was saved
	}
	return raw
}

// fileData serves /sobjects/ContentVersion/id/VersionData: the bytes themselves.
func (w *work) fileData(c call, o *object, id string) reply {
	if c.method != http.MethodGet {
		return methodNotAllowed(c.method, "GET", "HEAD").reply()
	}
	r, err := w.existing(o, id)
	if err != nil {
		return err.reply()
	}
	return reply{status: http.StatusOK, raw: fileBytes(r), header: map[string]string{"Content-Type": "application/octetstream"}}
}

// withoutBytes are rows for the control page, which shows what a file weighs and not what is in it.
func withoutBytes(rows []record) []record {
	for i, r := range rows {
		if _, file := r[fieldVersionData]; file {
			rows[i] = maps.Clone(r)
			delete(rows[i], fieldVersionData)
		}
	}
	return rows
}

// shown is a value as a reply or the control page carries it: the bytes of a file are only pointed to.
func shown(base string, o *object, r record, f *field) any {
	if f.kind == kindBase64 && r[f.name] != nil {
		return recordURL(base, o, r.id()) + "/" + f.name
	}
	if n, ok := r[f.name].(int64); ok && f.kind == kindCurrency {
		return json.RawMessage(javaDouble(float64(n) / priceScale))
	}
	return render(r[f.name])
}
