// A client of Salesforce that knows nothing of FieldPay does its daily work
// against the sandbox: what it takes for an org, we may take for one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import jsforce from "@jsforce/jsforce-node";

const address = process.env.FIELDPAY_SANDBOX_SALESFORCE;
assert.ok(address, "FIELDPAY_SANDBOX_SALESFORCE must be the address of a sandbox");

const oauth2 = { loginUrl: address, clientId: "fieldpay-sandbox", clientSecret: "sandbox-secret", redirectUri: "http://127.0.0.1:1/back" };
const org = new jsforce.Connection({ oauth2, version: "63.0" });

async function faults(rules) {
  const answer = await fetch(`${address}/__control/faults`, { method: "POST", body: JSON.stringify(rules) });
  assert.equal(answer.status, 200, await answer.text());
}

before(() => org.authorize({ grant_type: "client_credentials" }));
after(() => faults([]));

test("it signs in by client credentials, and its token says no expiry", () => {
  assert.equal(org.instanceUrl, address);
  assert.ok(org.accessToken);
});

test("it signs a person in by the page, with PKCE, and a code is good once", async () => {
  const verifying = new jsforce.OAuth2({ ...oauth2, useVerifier: true });
  const form = new URLSearchParams(new URL(verifying.getAuthorizationUrl({ state: "s" })).search);
  assert.ok(form.get("code_challenge"));
  form.set("username", "demo@fieldpay.com");
  form.set("pw", "demo123");
  const back = await fetch(`${address}/services/oauth2/authorize`, { method: "POST", body: form, redirect: "manual" });
  const code = new URL(back.headers.get("location")).searchParams.get("code");
  const person = new jsforce.Connection({ oauth2: verifying });
  await person.authorize(code, { code_verifier: verifying.codeVerifier });
  assert.ok(person.accessToken);
  await assert.rejects(new jsforce.Connection({ oauth2: verifying }).authorize(code), /invalid authorization code|invalid_grant/);
});

test("it describes, creates, reads, changes and deletes a record", async () => {
  const described = await org.sobject("Invoice__c").describe();
  assert.ok(described.fields.some((f) => f.name === "Client_Invoice_Id__c" && f.externalId && f.unique));
  const made = await org.sobject("Account").create({ Name: "Jsforce Ltd", External_Id__c: "js-1" });
  assert.equal(made.success, true);
  assert.equal((await org.sobject("Account").retrieve(made.id)).Name, "Jsforce Ltd");
  await org.sobject("Account").update({ Id: made.id, Phone: "1" });
  assert.equal((await org.sobject("Account").retrieve(made.id)).Phone, "1");
  await org.sobject("Account").destroy(made.id);
  await assert.rejects(org.sobject("Account").retrieve(made.id), { errorCode: "ENTITY_IS_DELETED" });
});

test("it upserts by an External ID: made first, changed after", async () => {
  const first = await org.sobject("Account").upsert({ Name: "Upsert", External_Id__c: "js-2" }, "External_Id__c");
  const second = await org.sobject("Account").upsert({ Name: "Upsert 2", External_Id__c: "js-2" }, "External_Id__c");
  assert.equal(first.id, second.id);
});

test("a unique External ID is never there twice", async () => {
  await org.sobject("Account").create({ Name: "One", External_Id__c: "js-3" });
  await assert.rejects(org.sobject("Account").create({ Name: "Two", External_Id__c: "JS-3" }), { errorCode: "DUPLICATE_VALUE" });
});

test("errors have their codes and fields", async () => {
  await assert.rejects(org.sobject("Account").create({ Phone: "1" }), { errorCode: "REQUIRED_FIELD_MISSING" });
  await assert.rejects(org.sobject("Account").create({ Name: "x", Nothing__c: 1 }), { errorCode: "INVALID_FIELD" });
  await assert.rejects(org.query("SELECT Nothing__c FROM Account"), { errorCode: "INVALID_FIELD" });
});

test("a collection takes what is good, or nothing", async () => {
  const rows = [{ Name: "C1", External_Id__c: "js-c1" }, { Phone: "no name" }];
  const some = await org.sobject("Account").create(rows);
  assert.deepEqual(some.map((r) => r.success), [true, false]);
  const none = await org.sobject("Account").create([{ Name: "C2", External_Id__c: "js-c2" }, { Phone: "no name" }], { allOrNone: true }).catch((e) => e);
  assert.ok(none);
  assert.equal((await org.query("SELECT Id FROM Account WHERE External_Id__c = 'js-c2'")).totalSize, 0);
});

test("a composite runs in order with references, and rolls back as one", async () => {
  const base = "/services/data/v63.0/sobjects";
  const steps = (last) => ({ allOrNone: true, compositeRequest: [
    { method: "POST", url: `${base}/Account`, referenceId: "account", body: { Name: "Composite" } },
    { method: "POST", url: `${base}/Contact`, referenceId: "contact", body: { AccountId: "@{account.id}", ...last } },
  ] });
  const good = await org.requestPost("/composite", steps({ LastName: "Good" }));
  assert.deepEqual(good.compositeResponse.map((r) => r.httpStatusCode), [201, 201]);
  const bad = await org.requestPost("/composite", steps({}));
  assert.equal(bad.compositeResponse[0].body[0].errorCode, "PROCESSING_HALTED");
});

test("a graph is whole by itself, whatever becomes of another", async () => {
  const graph = (id, body) => ({ graphId: id, compositeRequest: [{ method: "POST", url: "/services/data/v63.0/sobjects/Account", referenceId: "a", body }] });
  const { graphs } = await org.requestPost("/composite/graph", { graphs: [graph("g1", { Name: "Graph" }), graph("g2", {})] });
  assert.deepEqual(graphs.map((g) => g.isSuccessful), [true, false]);
});

test("a query is paged, with parents", async () => {
  const found = await org.query("SELECT Id, Name, Account__r.Name FROM Invoice__c WHERE Client_Invoice_Id__c = 'inv-002'");
  assert.equal(found.records[0].Account__r.Name, "Globex Industries");
  await org.sobject("Account").create(Array.from({ length: 200 }, (_, i) => ({ Name: `Page ${i}` })));
  const first = await org.query("SELECT Id FROM Account", { autoFetch: false, maxFetch: 10_000 });
  let rows = first.records.length;
  for (let page = first; !page.done; ) {
    page = await org.queryMore(page.nextRecordsUrl);
    rows += page.records.length;
  }
  assert.equal(rows, first.totalSize);
});

test("the price list is that of the standard book, in every currency", async () => {
  const list = await org.query(
    "SELECT UnitPrice, CurrencyIsoCode, Product2.ProductCode FROM PricebookEntry " +
      "WHERE IsActive = true AND Product2.IsActive = true AND Pricebook2.IsStandard = true",
  );
  const filter = list.records.filter((r) => r.Product2.ProductCode === "FLT-100");
  assert.deepEqual(Object.fromEntries(filter.map((r) => [r.CurrencyIsoCode, r.UnitPrice])), { USD: 19.99, EUR: 18.5, JPY: 2800 });
});

test("a file is kept once by its content, and stands on a record", async () => {
  const file = { Title: "pump.jpg", PathOnClient: "pump.jpg", VersionData: Buffer.from("a pump").toString("base64"), Sha256__c: "f".repeat(64) };
  const made = await org.sobject("ContentVersion").create(file);
  await assert.rejects(org.sobject("ContentVersion").create(file), { errorCode: "DUPLICATE_VALUE" });
  const version = await org.sobject("ContentVersion").retrieve(made.id);
  assert.equal(version.ContentSize, 6);
  const account = await org.sobject("Account").create({ Name: "With a file", External_Id__c: "js-file" });
  await org.sobject("ContentDocumentLink").create({ ContentDocumentId: version.ContentDocumentId, LinkedEntityId: account.id, ShareType: "V" });
  const links = await org.query(`SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = '${version.ContentDocumentId}'`);
  assert.deepEqual(links.records.map((r) => r.LinkedEntityId).filter((id) => id === account.id), [account.id]);
});

test("an ended session is renewed once and the call repeated", async () => {
  let renewed = 0;
  const tired = new jsforce.Connection({ instanceUrl: address, accessToken: "ended", version: "63.0",
    refreshFn: (_, done) => { renewed += 1; done(null, org.accessToken); } });
  assert.ok((await tired.query("SELECT Id FROM Account LIMIT 1")).totalSize >= 0);
  assert.equal(renewed, 1);
  await assert.rejects(new jsforce.Connection({ instanceUrl: address, accessToken: "ended", version: "63.0" }).query("SELECT Id FROM Account"), { errorCode: "INVALID_SESSION_ID" });
});

test("the limit of calls is told, and its end", async () => {
  await org.query("SELECT Id FROM Account LIMIT 1");
  assert.ok(org.limitInfo.apiUsage.used > 0);
  await faults([{ match: { pathRegex: "/query", times: 1 }, effect: { status: 403, errorCode: "REQUEST_LIMIT_EXCEEDED" } }]);
  await assert.rejects(org.query("SELECT Id FROM Account"), { errorCode: "REQUEST_LIMIT_EXCEEDED" });
});
