package salesforce

import (
	"context"
	"fmt"
	"slices"
)

// described is what Salesforce says of an object.
type described struct {
	Createable bool             `json:"createable"`
	Fields     []describedField `json:"fields"`
}

type describedField struct {
	Name       string          `json:"name"`
	Type       kind            `json:"type"`
	Length     int             `json:"length"`
	ExternalID bool            `json:"externalId"`
	Unique     bool            `json:"unique"`
	Createable bool            `json:"createable"`
	Picklist   []choiceOffered `json:"picklistValues"`
}

type choiceOffered struct {
	Value  string `json:"value"`
	Active bool   `json:"active"`
}

// Missing compares the org with what this package uses of it, and returns a
// sentence for each thing that is not there, not visible to the server's user
// or not as it must be; none when all is well. It costs one call per object.
func (c *Client) Missing(ctx context.Context) ([]string, error) {
	var missing []string
	for _, o := range schemas() {
		var d described
		name := c.orgName(o.name, "")
		err := c.get(ctx, "/sobjects/"+o.name+"/describe", &d)
		if isRefusal(err, notFound) {
			missing = append(missing, "the object "+name+" is not there, or the server's user may not see it")
			continue
		}
		if err != nil {
			return nil, failed("describing "+name, err)
		}
		if o.writes && !d.Createable {
			missing = append(missing, "the server's user may not create records of "+name)
		}
		for _, f := range o.fields {
			if wrong := c.wrongField(o, f, d); wrong != "" {
				missing = append(missing, "the field "+name+"."+c.orgName(o.name, f.name)+" "+wrong)
			}
		}
	}
	return missing, nil
}

// orgName is what the org calls an object, or a field of it.
func (c *Client) orgName(object, field string) string {
	ours := object
	if field != "" {
		ours = field
	}
	switch {
	case c.names == nil:
		return ours
	case field != "":
		return c.names.objects[object].field(field)
	default:
		return c.names.objects[object].name
	}
}

// wrongField says what is wrong with a field of the org, or nothing.
func (c *Client) wrongField(o objectSchema, f fieldSchema, d described) string {
	at := slices.IndexFunc(d.Fields, func(has describedField) bool { return has.Name == c.orgName(o.name, f.name) })
	if at < 0 {
		if f.optional || f.name == "CurrencyIsoCode" && c.currency != "" {
			return ""
		}
		return "is not there, or the server's user may not see it"
	}
	has := d.Fields[at]
	switch {
	case has.Type != f.kind:
		return fmt.Sprintf("is of type %s and must be %s", has.Type, f.kind)
	case f.unique && !(has.ExternalID && has.Unique):
		return "must be a unique External ID: without it an effect may happen twice"
	case f.length > 0 && has.Length < f.length:
		return fmt.Sprintf("holds %d characters and must hold %d", has.Length, f.length)
	case o.writes && !f.readOnly && !has.Createable:
		return "may not be written by the server's user"
	}
	for _, choice := range f.choices {
		if !slices.ContainsFunc(has.Picklist, func(p choiceOffered) bool { return p.Value == choice && p.Active }) {
			return fmt.Sprintf("lacks the choice %q", choice)
		}
	}
	return ""
}
