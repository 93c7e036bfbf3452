package action

// CreateContact makes a contact of a customer. Later actions name it by its id
// and list this action in their needs.
type CreateContact struct {
	// ID is the contact's id; left out, the action's id is the contact's.
	ID        string `json:"id,omitempty"`
	AccountID string `json:"accountId"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Title     string `json:"title,omitempty"`
}

// Limits of a contact, in characters: those of Salesforce's own fields.
// https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contact.htm
const (
	MaxFirstName    = 40
	MaxLastName     = 80
	MaxEmail        = 80
	MaxPhone        = 40
	MaxContactTitle = 128
)

var _ Payload = (*CreateContact)(nil)

// Type is CreateContactType.
func (*CreateContact) Type() Type { return CreateContactType }

// Record is the contact that is made.
func (p *CreateContact) Record() Record { return Record{Kind: ContactKind, ID: p.ID} }

// Validate checks every field.
func (p *CreateContact) Validate() error {
	var f fieldErrors
	f.optionalID("id", p.ID)
	f.id("accountId", p.AccountID)
	f.text("firstName", p.FirstName, MaxFirstName)
	f.requiredText("lastName", p.LastName, MaxLastName)
	f.email("email", p.Email)
	f.text("phone", p.Phone, MaxPhone)
	f.text("title", p.Title, MaxContactTitle)
	return f.err(InvalidPayload)
}
