import { Checkbox, SegmentedControl, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CollectForm } from "~/bridge/bridge";
import type { InvoiceRow, PaymentPreview, Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useCards, useCollectPreview, useInvoice, useStatus } from "~/bridge/queries";
import { useDraft } from "~/components/drafts";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { AmountField, InvoiceSelect } from "~/components/form/invoice-amount";
import { Summary, SumRow, Warning } from "~/components/form/summary";
import { useFormErrors } from "~/components/form/use-form-errors";
import { useFormat } from "~/components/format";
import { OverCap } from "~/components/over-cap";
import { Money } from "~/components/money";
import classes from "~/forms/payment-collect.module.css";

/** The form's own word for a checkout: it is no action, and needs a connection. */
const ONLINE = "online";
const methods = ["card_on_file", "payment_link", ONLINE] as const;

export type CollectTyped = Omit<CollectForm, "locale" | "actionId">;
type Values = CollectTyped & { saveCard: boolean };

/** Asks for money: nothing is received here, and nothing is paid before Stripe says so. */
export function PaymentCollectForm(props: {
  invoiceId: string;
  /** What was typed in the action that this one replaces. */
  before: CollectTyped | null;
  onSaved: (saved: Saved) => void;
  /** A page to pay at was made; its id is where it is asked for. */
  onCheckout: (id: string, invoiceId: string) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { locale } = useFormat();
  const draft = useDraft<Values>(`payment-collect:${props.before?.replaces ?? props.invoiceId}`);
  const [values, setValues] = useState<Values>(
    () => draft.kept ?? { invoiceId: props.invoiceId, amount: "", method: "payment_link", cardId: "", replaces: "", ...props.before, saveCard: false },
  );
  const { saveCard, ...typed } = values;
  const online = values.method === ONLINE;
  const form: CollectForm = { ...typed, method: online ? "payment_link" : values.method, locale, actionId: "" };
  const invoice = useInvoice(values.invoiceId).data?.row;
  const preview = useCollectPreview(form);
  const save = useMutation({
    mutationFn: async () => {
      if (!online) return props.onSaved(await bridge.saveCollect({ ...form, actionId: draft.actionId }));
      const { invoiceId, amount } = values;
      const page = await bridge.beginCheckout({ id: draft.actionId, invoiceId, amount, locale, saveCard });
      props.onCheckout(page.id, invoiceId);
    },
    onSuccess: () => draft.drop(),
  });
  const unchosen = values.invoiceId === "";
  const found = unchosen ? { invoiceId: "is required" } : (preview.data?.fields ?? {});
  const errors = useFormErrors(found, save.error, unchosen || (preview.isSuccess && !preview.isPlaceholderData));

  function set(change: Partial<Values>) {
    const next = { ...values, ...change };
    setValues(next);
    draft.keep(next);
    if (save.isError) save.reset();
  }

  return (
    <FormShell
      label={t("collect.title")}
      submit={online ? t("collect.open") : t("collect.save")}
      saving={save.isPending}
      draft={draft.state}
      refusal={save.error}
      errorCount={errors.count}
      summary={<CollectSummary sums={preview.data} stale={preview.isPlaceholderData} />}
      onSubmit={(element) => errors.pass(element) && save.mutate()}
      onLeave={props.onLeave}
    >
      <FieldGroup title={t("payment.what")}>
        <InvoiceSelect
          value={values.invoiceId}
          chosen={invoice}
          error={errors.at("invoiceId")}
          onChange={(invoiceId) => set({ invoiceId, amount: "", cardId: "" })}
          autoFocus={unchosen}
        />
        <AmountField
          label={t("collect.amount")}
          value={values.amount}
          invoice={invoice}
          errors={errors}
          onChange={(amount) => set({ amount })}
          autoFocus={!unchosen}
        />
        <OverCap message={found["amount"]} />
      </FieldGroup>
      <FieldGroup title={t("collect.how")}>
        <SegmentedControl
          aria-label={t("collect.method")}
          value={values.method}
          onChange={(method) => set({ method, cardId: "" })}
          data={methods.map((m) => ({ value: m, label: t(`collect.by.${m}`) }))}
          className={classes.methods}
        />
        {values.method === "card_on_file" && (
          <CardSelect invoice={invoice} value={values.cardId} error={errors.at("cardId")} onChange={(cardId) => set({ cardId })} />
        )}
        {values.method === "payment_link" && <p className={classes.hint}>{t("collect.linkHint")}</p>}
        {online && <OnlineHint saveCard={saveCard} onChange={(next) => set({ saveCard: next })} />}
      </FieldGroup>
    </FormShell>
  );
}

/** The cards that the customer has saved at Stripe. Their numbers are nowhere here. */
function CardSelect(props: { invoice: InvoiceRow | undefined; value: string; error: string | undefined; onChange: (cardId: string) => void }) {
  const { t } = useTranslation();
  const list = useCards(props.invoice?.accountId ?? "").data;
  const hint = !list ? t("loading") : !list.known ? t("collect.cardsUnknown") : list.cards.length === 0 ? t("collect.cardsNone") : list.fresh ? "" : t("collect.cardsOld");
  return (
    <>
      <Select
        label={t("collect.card")}
        data={(list?.cards ?? []).map((c) => ({
          value: c.id,
          label: t("collect.cardName", { brand: c.brand.toUpperCase(), last4: c.last4, until: `${String(c.expMonth).padStart(2, "0")}/${c.expYear}` }),
        }))}
        value={props.value || null}
        onChange={(id) => props.onChange(id ?? "")}
        disabled={(list?.cards.length ?? 0) === 0}
        error={props.error}
        description={hint}
        comboboxProps={{ withinPortal: false }}
        openOnFocus={false}
      />
      <p className={classes.hint}>{t("collect.cardHint")}</p>
    </>
  );
}

/** What paying online now takes; without a connection, what is possible instead. */
function OnlineHint({ saveCard, onChange }: { saveCard: boolean; onChange: (saveCard: boolean) => void }) {
  const { t } = useTranslation();
  const state = useStatus().data?.connection.state;
  if (state !== "online" && state !== "degraded") {
    return (
      <p role="status" className={classes.offline}>
        {t("collect.needsConnection")}
      </p>
    );
  }
  return (
    <>
      <p className={classes.hint}>{t("collect.onlineHint")}</p>
      <Checkbox label={t("collect.saveCard")} checked={saveCard} onChange={(e) => onChange(e.currentTarget.checked)} />
    </>
  );
}

function CollectSummary({ sums, stale }: { sums: PaymentPreview | undefined; stale: boolean }) {
  const { t } = useTranslation();
  if (!sums) return <p className={classes.hint}>{t("payment.choose")}</p>;
  const money = (amount: number) => <Money amount={amount} currency={sums.currency} />;
  return (
    <>
      <Summary title={t("collect.requested")} headline={<Money amount={sums.amount} currency={sums.currency} size="large" />} stale={stale}>
        <SumRow name={t("payment.open")} value={money(sums.balance)} />
        <SumRow name={t("collect.after")} value={money(sums.balanceAfter)} strong />
      </Summary>
      {sums.warnings.includes("requested") && <Warning>{t("collect.already")}</Warning>}
    </>
  );
}
