package action

// Code names one reason, for machines. Codes are stable: they are stored in
// journals, sent over the wire, and looked up by support.
type Code string

// The codes, grouped by the class that decides their treatment.
const (
	// Invalid content: this action fails, the form can be mended.
	InvalidPayload   Code = "invalid_payload"
	InvalidEnvelope  Code = "invalid_envelope"
	TotalMismatch    Code = "total_mismatch"
	CurrencyMismatch Code = "currency_mismatch"
	UpstreamInvalid  Code = "upstream_invalid"
	NotAllowed       Code = "not_allowed"

	// Gone: the record that the action is about does not exist (any more).
	UnknownAccount Code = "unknown_account"
	UnknownContact Code = "unknown_contact"
	UnknownInvoice Code = "unknown_invoice"
	UnknownPayment Code = "unknown_payment"
	UnknownVisit   Code = "unknown_visit"
	RecordDeleted  Code = "record_deleted"

	// Conflict: a person must look at both sides.
	VersionConflict Code = "version_conflict"
	InvoicePaid     Code = "invoice_paid"
	InvoiceVoided   Code = "invoice_voided"
	MoneyReceived   Code = "money_received"
	Overpaid        Code = "overpaid"
	DuplicateRecord Code = "duplicate_record"
	PaymentMismatch Code = "payment_mismatch"
	OutcomeUnknown  Code = "outcome_unknown"
	UpstreamRefused Code = "upstream_refused"
	// OfficeRepairs: the office has taken the action over and mends it.
	OfficeRepairs Code = "office_repairs"

	// Money that did not move.
	CardDeclined           Code = "card_declined"
	PaymentIncomplete      Code = "payment_incomplete"
	AuthenticationRequired Code = "authentication_required"

	// Integrity: one id with two contents, or a chain that does not fit.
	ContentChanged    Code = "content_changed"
	JournalRolledBack Code = "journal_rolled_back" // about a call: the whole journal is an older copy

	// Order: an earlier action must be taken first.
	AfterMissing Code = "after_missing"
	NeedMissing  Code = "need_missing"

	// Passing trouble: the same action is sent again by itself.
	Busy           Code = "busy"
	RateLimited    Code = "rate_limited"
	SalesforceDown Code = "salesforce_unavailable"
	StripeDown     Code = "stripe_unavailable"
	RecordLocked   Code = "record_locked"
	FileMissing    Code = "file_missing"
	UpstreamLogin  Code = "upstream_login"

	// Version: the server is older than the sender, or the other way round.
	UnknownType    Code = "unknown_type"
	UnknownVersion Code = "unknown_version"
	UpdateNeeded   Code = "update_needed"

	// About the call and not about an action.
	Offline        Code = "offline"
	Portal         Code = "portal"
	UnsafeNetwork  Code = "unsafe_network"
	AnswerLost     Code = "answer_lost"
	SignInNeeded   Code = "sign_in_needed"
	BadCredentials Code = "bad_credentials"
	Revoked        Code = "revoked"
	// Locked: the screens of this device are, until somebody unlocks them.
	Locked   Code = "locked"
	PINWrong Code = "pin_wrong"
	// PINWait: a PIN came too soon after wrong ones, and was not looked at.
	PINWait       Code = "pin_wait"
	ManagerNeeded Code = "manager_needed"
	// EnrolmentNeeded: the server does not know this device, or another key of it.
	EnrolmentNeeded Code = "enrolment_needed"
	// ClockWrong: the time of a signed request is too far from the server's.
	ClockWrong Code = "clock_wrong"
	TooLarge   Code = "too_large"
	NotFound   Code = "not_found"
	BadRequest Code = "bad_request"

	// The device itself.
	DiskFull       Code = "disk_full"
	StorageFailed  Code = "storage_failed"
	JournalDamaged Code = "journal_damaged"
	KeyMissing     Code = "key_missing"
	PolicyInvalid  Code = "policy_invalid"
	UpdateRefused  Code = "update_refused"
	NotPossible    Code = "not_possible"

	// Internal is a fault of ours.
	Internal Code = "internal"
)

type reason struct {
	code    Code
	class   Class
	message string
}

// reasons is the one table of codes: a code that is not in it is not known.
var reasons = [...]reason{
	{InvalidPayload, Invalid, "Something in the form needs another look"},
	{InvalidEnvelope, Invalid, "The action cannot be read"},
	{TotalMismatch, Invalid, "The total does not fit the lines"},
	{CurrencyMismatch, Invalid, "The currency is not the invoice's"},
	{UpstreamInvalid, Invalid, "Salesforce does not accept a value"},
	{NotAllowed, Invalid, "This person may not do that"},
	{UnknownAccount, Gone, "The customer does not exist in Salesforce. Choose another"},
	{UnknownContact, Gone, "The contact does not exist in Salesforce. Choose another"},
	{UnknownInvoice, Gone, "The invoice does not exist in Salesforce"},
	{UnknownPayment, Gone, "Stripe does not know this payment"},
	{UnknownVisit, Gone, "The visit does not exist in Salesforce"},
	{RecordDeleted, Gone, "The record was deleted in Salesforce"},
	{VersionConflict, Conflict, "The invoice was changed in Salesforce in the meantime. Compare both"},
	{InvoicePaid, Conflict, "The invoice is already paid"},
	{InvoiceVoided, Conflict, "The invoice was voided"},
	{MoneyReceived, Conflict, "Money was received on this invoice. The office decides what becomes of both"},
	{Overpaid, Conflict, "More money was received than is open. It is recorded, not yet allocated"},
	{DuplicateRecord, Conflict, "Salesforce thinks that this exists already. Compare both"},
	{PaymentMismatch, Conflict, "The payment at Stripe does not match the invoice"},
	{OutcomeUnknown, Conflict, "It cannot be told whether the payment went through. Do not pay again; the office checks"},
	{UpstreamRefused, Conflict, "Salesforce refused it for a reason of its own. The office can look"},
	{OfficeRepairs, Conflict, "The office is repairing this. It goes on by itself"},
	{CardDeclined, Declined, "The card was declined. Offer a link or another way to pay"},
	{PaymentIncomplete, Declined, "The payment was not completed. Offer a link or another way to pay"},
	{AuthenticationRequired, CustomerAction, "The customer's bank wants a confirmation. Send a link"},
	{ContentChanged, Integrity, "The same action arrived with different content. Support has been told"},
	{JournalRolledBack, Integrity, "The journal on this device is an older copy than the one the server knows. Nothing is sent until somebody decides to go on with it"},
	{AfterMissing, Held, "Waits for an earlier action on the same record"},
	{NeedMissing, Held, "Waits for an action on another record"},
	{Busy, Transient, "The server is busy. It goes on by itself"},
	{RateLimited, Transient, "Too much at once. It goes on by itself"},
	{SalesforceDown, Transient, "Salesforce cannot be reached. It goes on by itself"},
	{StripeDown, Transient, "Stripe cannot be reached. It goes on by itself"},
	{RecordLocked, Transient, "Somebody is changing the record in Salesforce. It goes on by itself"},
	{FileMissing, Transient, "The file is not there yet. It is sent again by itself"},
	{UpstreamLogin, Operator, "The server's own sign-in was refused. The office has been told"},
	{UnknownType, VersionSkew, "The server does not know this kind of action yet. It waits for an update"},
	{UnknownVersion, VersionSkew, "The server does not know this kind of action yet. It waits for an update"},
	{UpdateNeeded, VersionSkew, "This version is too old for the server. Update FieldPay"},
	{Offline, NoPath, "There is no way to the server. Everything is kept and sent later"},
	{Portal, PortalSeen, "This network wants a sign-in. Open its page in the browser"},
	{UnsafeNetwork, PortalSeen, "This network blocks a safe connection. Change the network"},
	{AnswerLost, Unknown, "Sent, and the answer was lost. Nothing is sent twice"},
	{SignInNeeded, SignIn, "Sign in to go on sending"},
	{BadCredentials, SignIn, "The name or the password is not right"},
	{Locked, SignIn, "The screen is locked"},
	{PINWrong, SignIn, "That is not the PIN"},
	{PINWait, SignIn, "Too many wrong PINs. Wait a moment"},
	{ManagerNeeded, SignIn, "That needs a manager's PIN"},
	{EnrolmentNeeded, SignIn, "This device must be enrolled with a code of the office"},
	{ClockWrong, Transient, "The clock of this device is wrong. It goes on with the server's time"},
	{Revoked, Barred, "This device was blocked. Call the office"},
	{TooLarge, Oversize, "Too much for one request"},
	{NotFound, Gone, "There is nothing of that name"},
	{BadRequest, Invalid, "The request cannot be read"},
	{DiskFull, Device, "Not saved: the disk is full. Free some space, then save again"},
	{StorageFailed, Device, "Not saved: the disk does not take it. Try again"},
	{JournalDamaged, Device, "The journal on this device is damaged. Nothing was overwritten"},
	{KeyMissing, Device, "The key of this device's journal is missing or locked"},
	{PolicyInvalid, Device, "The settings that your company gives to this computer cannot be used"},
	{UpdateRefused, Device, "The new version cannot be trusted. Nothing was installed"},
	{NotPossible, Device, "That cannot be done with this action as it stands"},
	{Internal, Unknown, "Something went wrong in FieldPay. Nothing is lost"},
}

func (c Code) reason() (reason, bool) {
	for _, r := range reasons {
		if r.code == c {
			return r, true
		}
	}
	return reason{}, false
}

// Codes returns every code, for catalogues and tests of completeness.
func Codes() []Code {
	codes := make([]Code, len(reasons))
	for i, r := range reasons {
		codes[i] = r.code
	}
	return codes
}

// Known reports whether this build knows the code.
func (c Code) Known() bool {
	_, known := c.reason()
	return known
}

// Message is the one plain sentence of the code, without a full stop.
func (c Code) Message() string {
	r, known := c.reason()
	if !known {
		return "Unknown reason: " + clip(string(c), 64)
	}
	return r.message
}

// Class is the treatment of the code. A code that this build does not know
// (the other end is newer) is treated as unknown: kept, never given up.
func (c Code) Class() Class {
	r, known := c.reason()
	if !known {
		return Unknown
	}
	return r.class
}
