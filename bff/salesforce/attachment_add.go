package salesforce

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"fieldpay/action"
	"fieldpay/bff"
)

// addAttachment puts an uploaded file on a record: one composite that finds
// both and links them. A document and a record have one link at most, so a
// repeat changes nothing, and a file that is used twice is stored once.
func (c *Client) addAttachment(ctx context.Context, e bff.Effect, p *action.AddAttachment) (bff.Applied, error) {
	const op = "adding the attachment"
	parent, missing := attachmentParent(p)
	_, err := c.transaction(ctx,
		c.read("file", "/sobjects/"+fileObject+"/"+fileHash+"/"+p.SHA256+"?fields=Id,ContentDocumentId"),
		c.read("parent", parent+"?fields=Id"),
		c.insert("link", linkObject, record{
			"ContentDocumentId": "@{file.ContentDocumentId}", "LinkedEntityId": "@{parent.Id}", "ShareType": "V",
		}))
	if err != nil && !isRefusal(err, duplicateValue) {
		if atStep(err, "file") {
			return bff.Applied{}, failedFor(op, action.FileMissing, err)
		}
		return bff.Applied{}, failedFor(op, missing, err)
	}
	file, err := c.file(ctx, p.SHA256)
	if err != nil {
		return bff.Applied{}, failed(op, err)
	}
	return bff.Applied{ServerID: file.DocumentID}, nil
}

// attachmentParent is the path of the record that a file is put on, and the
// code for its being missing.
func attachmentParent(p *action.AddAttachment) (string, action.Code) {
	if p.ParentKind == action.InvoiceKind {
		return object(invoiceObject, invoiceID, p.ParentID), action.UnknownInvoice
	}
	return object(visitObject, visitID, p.ParentID), action.UnknownVisit
}

type fileRow struct {
	ID         string `json:"Id"`
	DocumentID string `json:"ContentDocumentId"`
}

// file finds a file by its content; FileMissing when it is not there.
func (c *Client) file(ctx context.Context, hash string) (fileRow, error) {
	rows, err := query[fileRow](ctx, c, "SELECT Id, ContentDocumentId FROM ContentVersion WHERE "+fileHash+" = "+literal(hash)+" LIMIT 1")
	if err != nil {
		return fileRow{}, err
	}
	if len(rows) == 0 {
		return fileRow{}, &action.Error{Code: action.FileMissing}
	}
	return rows[0], nil
}

// HasFile implements bff.Files.
func (c *Client) HasFile(ctx context.Context, hash string) (bool, error) {
	_, err := c.file(ctx, hash)
	if action.CodeOf(err) == action.FileMissing {
		return false, nil
	}
	return err == nil, failed("looking for a file", err)
}

// KeepFile implements bff.Files: the bytes become a ContentVersion that is on
// no record yet. The hash is unique in the org, so bytes are stored once
// whoever sends them.
func (c *Client) KeepFile(ctx context.Context, f bff.FileUpload) error {
	var made created
	err := c.call(ctx, http.MethodPost, "/sobjects/"+fileObject, record{
		"Title": f.Name, "PathOnClient": f.Name, "VersionData": base64.StdEncoding.EncodeToString(f.Content),
		fileHash: strings.ToLower(f.SHA256), "Media_Type__c": f.MediaType,
	}, &made)
	if isRefusal(err, duplicateValue) {
		return nil
	}
	return failedFor("keeping a file", notDeployed, err)
}
