package salesforce

import "slices"

// definitions are the objects of the org: the standard ones that FieldPay uses and the custom ones of its package.
func definitions() []*object {
	return slices.Concat(contentObjects(), priceObjects(), []*object{
		{name: "Account", prefix: "001", fields: []*field{
			text("Industry", 255), {name: "Phone", kind: kindPhone, length: 40}, {name: "Website", kind: kindURL, length: 255},
			key("External_Id__c", 64), text("Territory__c", 80),
		}},
		{name: "Contact", prefix: "003", fields: []*field{
			lookup("AccountId", "Account", "Account", "Contacts"),
			text("FirstName", 40), required(text("LastName", 80)), {name: "Email", kind: kindEmail, length: 80},
			{name: "Phone", kind: kindPhone, length: 40}, text("Title", 128), key("External_Id__c", 64), key("Action_Id__c", 64),
		}},
		{name: "Invoice__c", prefix: "a00", autoName: "INV-", fields: invoiceFields()},
		{name: "Invoice_Line__c", prefix: "a01", autoName: "LINE-", fields: []*field{
			key("Line_Key__c", 128), masterDetail("Invoice__c", "Invoice__c", "Invoice__r", "Lines__r"), number("Position__c"),
			longText("Description__c"), text("Quantity__c", 24), number("Unit_Price__c"), number("Discount__c"),
			number("Net__c"), text("Tax_Rate__c", 12),
		}},
		{name: "Payment__c", prefix: "a02", autoName: "PAY-", fields: paymentFields()},
		{name: "Visit__c", prefix: "a03", autoName: "VIS-", fields: []*field{
			key("Action_Id__c", 64), key("Client_Visit_Id__c", 64), required(lookup("Account__c", "Account", "Account__r", "Visits__r")),
			lookup("Contact__c", "Contact", "Contact__r", "Visits__r"), lookup("Invoice__c", "Invoice__c", "Invoice__r", "Visits__r"),
			longText("Note__c"), picklist("Outcome__c", "met", "not_in", "follow_up", "order", "other"),
			{name: "Visited_At__c", kind: kindDatetime}, text("Actor__c", 255), longText("Attachments__c"),
		}},
		{name: "Sync_Action__c", prefix: "a04", autoName: "ACT-", fields: []*field{
			key("Action_Id__c", 64), text("Type__c", 64), text("Record_Id__c", 64), text("Hash__c", 128),
		}},
	})
}

func invoiceFields() []*field {
	return []*field{
		key("Client_Invoice_Id__c", 64),
		required(lookup("Account__c", "Account", "Account__r", "Invoices__r")),
		lookup("Contact__c", "Contact", "Contact__r", "Invoices__r"),
		required(number("Amount__c")),
		required(text("Currency__c", 3)),
		byDefault(picklist("Status__c", "draft", "pending", "paid", "failed", "void"), "draft"),
		longText("Description__c"),
		longText("Notes__c"),
		{name: "Due_Date__c", kind: kindDate},
		{name: "Effective_At__c", kind: kindDatetime},
		key("Action_Id__c", 64),
		text("Actor__c", 255),
		text("Stripe_Payment_Intent_Id__c", 255),
		text("Stripe_Charge_Id__c", 255),
		text("Void_Reason__c", 255),
		byDefault(number(fieldVersion), int64(1)),
		number(fieldBaseVersion),
		byDefault(&field{name: fieldPaid, kind: kindNumber, readOnly: true}, int64(0)),
	}
}

func paymentFields() []*field {
	return []*field{
		key("Action_Id__c", 64),
		masterDetail("Invoice__c", "Invoice__c", "Invoice__r", "Payments__r"),
		required(number("Amount__c")),
		required(text("Currency__c", 3)),
		picklist("Method__c", "cash", "check", "bank_transfer", "card", "other"),
		text("Reference__c", 255),
		number("Tendered__c"),
		number("Change__c"),
		longText("Note__c"),
		{name: "Received_At__c", kind: kindDatetime},
		byDefault(&field{name: fieldAllocated, kind: kindBoolean}, false),
		text("Actor__c", 255),
		key("Stripe_Payment_Intent_Id__c", 255),
		text("Stripe_Charge_Id__c", 255),
	}
}
