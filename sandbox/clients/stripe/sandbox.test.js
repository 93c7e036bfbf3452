// A client of Stripe that knows nothing of FieldPay does its daily work against
// the sandbox: what it takes for an account, we may take for one.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import Stripe from "stripe";

const address = process.env.FIELDPAY_SANDBOX_STRIPE;
assert.ok(address, "FIELDPAY_SANDBOX_STRIPE must be the address of a sandbox");

const { hostname, port } = new URL(address);
const options = { host: hostname, port, protocol: "http", apiVersion: "2023-10-16", maxNetworkRetries: 0, telemetry: false };
const stripe = new Stripe("sk_test_sandbox", options);
const sale = { price_data: { currency: "usd", unit_amount: 1200, product_data: { name: "A pump" } }, quantity: 1 };

async function faults(rules) {
  const answer = await fetch(`${address}/__control/faults`, { method: "POST", body: JSON.stringify(rules) });
  assert.equal(answer.status, 200, await answer.text());
}

const pay = (page, card) => fetch(page, { method: "POST", body: new URLSearchParams({ payment_method: card }), redirect: "manual" });

after(() => faults([]));

test("another key is refused", async () => {
  await assert.rejects(new Stripe("sk_test_other", options).customers.list(), { type: "StripeAuthenticationError" });
});

test("it charges a card, and what is under a key happens once", async () => {
  const wish = { amount: 1200, currency: "usd", payment_method_types: ["card"] };
  const made = await stripe.paymentIntents.create(wish, { idempotencyKey: "node-1" });
  const again = await stripe.paymentIntents.create(wish, { idempotencyKey: "node-1" });
  assert.equal(again.id, made.id);
  await assert.rejects(stripe.paymentIntents.create({ ...wish, amount: 1300 }, { idempotencyKey: "node-1" }), { type: "StripeIdempotencyError" });
  const paid = await stripe.paymentIntents.confirm(made.id, { payment_method: "pm_card_visa", expand: ["latest_charge"] });
  assert.equal(paid.status, "succeeded");
  assert.equal(paid.latest_charge.paid, true);
});

test("a decline says why", async () => {
  const wish = { amount: 1200, currency: "usd", payment_method_types: ["card"], confirm: true, payment_method: "pm_card_chargeDeclinedInsufficientFunds" };
  await assert.rejects(stripe.paymentIntents.create(wish), { type: "StripeCardError", code: "card_declined", decline_code: "insufficient_funds" });
});

test("a customer is found by metadata, with the cards on file", async () => {
  const found = await stripe.customers.search({ query: "metadata['account_id']:'acc-002'" });
  assert.equal(found.data.length, 1);
  const cards = [];
  for await (const card of stripe.paymentMethods.list({ customer: found.data[0].id, type: "card", limit: 1 })) cards.push(card.card.last4);
  assert.deepEqual(cards.sort(), ["0341", "4242"]);
});

test("a payment link is paid once", async () => {
  const price = await stripe.prices.create({ currency: "usd", unit_amount: 1200, product_data: { name: "A pump" } });
  const link = await stripe.paymentLinks.create({ line_items: [{ price: price.id, quantity: 1 }], restrictions: { completed_sessions: { limit: 1 } } });
  await pay(link.url, "pm_card_visa");
  assert.equal((await stripe.paymentLinks.retrieve(link.id)).active, false);
});

test("a checkout survives a decline, is paid, and tells of it", async () => {
  const wish = { mode: "payment", line_items: [sale], success_url: "https://shop.example/{CHECKOUT_SESSION_ID}" };
  const opened = await stripe.checkout.sessions.create(wish);
  await pay(opened.url, "pm_card_chargeDeclined");
  assert.equal((await stripe.checkout.sessions.retrieve(opened.id)).status, "open");
  const done = await pay(opened.url, "pm_card_visa");
  assert.equal(done.headers.get("location"), `https://shop.example/${opened.id}`);
  const paid = await stripe.checkout.sessions.retrieve(opened.id, { expand: ["payment_intent"] });
  assert.equal(paid.payment_status, "paid");
  const events = await stripe.events.list({ type: "checkout.session.completed" });
  assert.ok(events.data.some((e) => e.data.object.id === opened.id));
  const refund = await stripe.refunds.create({ payment_intent: paid.payment_intent.id, amount: 200 });
  assert.equal(refund.status, "succeeded");
});

test("an answer that is lost is had by asking again", async () => {
  await faults([{ match: { method: "POST", path: "/v1/customers", times: 1 }, effect: { dropAfterCommit: true } }]);
  const patient = new Stripe("sk_test_sandbox", { ...options, maxNetworkRetries: 2 });
  const made = await patient.customers.create({ metadata: { account_id: "node" } });
  const found = await stripe.customers.search({ query: "metadata['account_id']:'node'" });
  assert.deepEqual(found.data.map((c) => c.id), [made.id]);
});
