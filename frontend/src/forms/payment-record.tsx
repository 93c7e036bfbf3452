import { Checkbox, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Optional } from "~/components/form/optional";
import type { PaymentForm } from "~/bridge/bridge";
import type { InvoiceRow, PaymentPreview, Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useInvoice, usePaymentPreview } from "~/bridge/queries";
import { useDraft } from "~/components/drafts";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { AmountField, InvoiceSelect } from "~/components/form/invoice-amount";
import { Summary, SumRow, Warning } from "~/components/form/summary";
import { type FormErrors, useFormErrors } from "~/components/form/use-form-errors";
import { useFormat } from "~/components/format";
import { OverCap } from "~/components/over-cap";
import { Money } from "~/components/money";
import classes from "~/forms/payment-record.module.css";

export type PaymentTyped = Omit<PaymentForm, "locale" | "actionId">;
type Values = PaymentTyped;

const methods = ["cash", "check", "bank_transfer", "other"] as const;
const defaults: Values = { invoiceId: "", amount: "", method: "cash", tendered: "", checkNumber: "", reference: "", note: "", replaces: "" };

/** Records money that is already in hand. It is received, and never refused for its amount. */
export function PaymentRecordForm(props: {
  invoiceId: string;
  /** What was typed in the action that this one replaces. */
  before: PaymentTyped | null;
  onSaved: (saved: Saved) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { locale } = useFormat();
  const draft = useDraft<Values>(`payment-record:${props.before?.replaces ?? props.invoiceId}`);
  const [values, setValues] = useState<Values>(() => draft.kept ?? props.before ?? { ...defaults, invoiceId: props.invoiceId });
  const invoice = useInvoice(values.invoiceId).data?.row;
  const preview = usePaymentPreview({ ...values, locale, actionId: "" });
  const save = useMutation({
    mutationFn: () => bridge.savePayment({ ...values, locale, actionId: draft.actionId }),
    onSuccess: (saved) => {
      draft.drop();
      props.onSaved(saved);
    },
  });
  const unchosen = values.invoiceId === "";
  const twin = preview.data?.warnings.includes("duplicate") ?? false;
  const [another, setAnother] = useState(false);
  const found: Record<string, string> = unchosen
    ? { invoiceId: "is required" }
    : { ...preview.data?.fields, ...(twin && !another ? { duplicate: "say that it is another payment" } : {}) };
  const errors = useFormErrors(found, save.error, unchosen || (preview.isSuccess && !preview.isPlaceholderData));

  function set(change: Partial<Values>) {
    const next = { ...values, ...change };
    setValues(next);
    draft.keep(next);
    if (save.isError) save.reset();
  }

  return (
    <FormShell
      label={t("payment.title")}
      submit={t("payment.save")}
      saving={save.isPending}
      draft={draft.state}
      refusal={save.error}
      errorCount={errors.count}
      summary={<PaymentSummary sums={preview.data} invoice={invoice} method={values.method} stale={preview.isPlaceholderData} />}
      onSubmit={(form) => errors.pass(form) && save.mutate()}
      onLeave={props.onLeave}
    >
      <FieldGroup title={t("payment.what")}>
        <InvoiceSelect
          value={values.invoiceId}
          chosen={invoice}
          error={errors.at("invoiceId")}
          onChange={(invoiceId) => set({ invoiceId, amount: "" })}
          autoFocus={values.invoiceId === ""}
        />
        <AmountField
          label={t("payment.amount")}
          value={values.amount}
          invoice={invoice}
          errors={errors}
          onChange={(amount) => set({ amount })}
          autoFocus={values.invoiceId !== ""}
        />
        <OverCap message={found["amount"]} />
      </FieldGroup>
      <FieldGroup title={t("payment.how")}>
        <SegmentedControl
          aria-label={t("payment.method")}
          value={values.method}
          onChange={(method) => set({ method, tendered: "", checkNumber: "" })}
          data={methods.map((m) => ({ value: m, label: t(`method.${m}`) }))}
          className={classes.methods}
        />
        <MethodFields values={values} invoice={invoice} errors={errors} onChange={set} />
        {twin && (
          <Checkbox
            label={t("payment.another")}
            checked={another}
            onChange={(e) => setAnother(e.currentTarget.checked)}
            error={errors.at("duplicate")}
            aria-invalid={errors.at("duplicate") !== undefined}
          />
        )}
        <Textarea
          label={<Optional label={t("form.note")} />}
          value={values.note}
          onChange={(e) => set({ note: e.currentTarget.value })}
          error={errors.at("note")}
          rows={2}
        />
      </FieldGroup>
    </FormShell>
  );
}

interface FieldProps {
  values: Values;
  invoice: InvoiceRow | undefined;
  errors: FormErrors;
  onChange: (change: Partial<Values>) => void;
}

function MethodFields({ values, invoice, errors, onChange }: FieldProps) {
  const { t } = useTranslation();
  const field = (key: "tendered" | "checkNumber" | "reference") => ({
    label: t(`payment.${key}`),
    value: values[key],
    onChange: (e: { currentTarget: { value: string } }) => onChange({ [key]: e.currentTarget.value }),
    onBlur: values[key] === "" ? undefined : errors.leave(key),
    error: errors.at(key),
    autoComplete: "off",
  });
  return (
    <>
      {values.method === "cash" && (
        <TextInput
          {...field("tendered")}
          label={<Optional label={t("payment.tendered")} />}
          description={t("payment.tenderedHint")}
          inputMode="decimal"
          className={classes.figure}
          rightSection={invoice && <span className={classes.unit}>{invoice.currency.toUpperCase()}</span>}
          rightSectionWidth={52}
        />
      )}
      {values.method === "check" && <TextInput {...field("checkNumber")} className={classes.figure} />}
      {values.method !== "cash" && <TextInput {...field("reference")} label={<Optional label={t("payment.reference")} />} />}
    </>
  );
}

function PaymentSummary(props: {
  sums: PaymentPreview | undefined;
  invoice: InvoiceRow | undefined;
  method: string;
  stale: boolean;
}) {
  const { t } = useTranslation();
  const { sums, invoice } = props;
  if (!sums || !invoice) return <p className={classes.hint}>{t("payment.choose")}</p>;
  const money = (amount: number) => <Money amount={amount} currency={sums.currency} />;
  const over = sums.warnings.includes("overpays");
  return (
    <>
      <Summary title={t("payment.received")} headline={<Money amount={sums.amount} currency={sums.currency} size="large" />} stale={props.stale}>
        <SumRow name={t("payment.open")} value={money(sums.balance)} />
        {props.method === "cash" && sums.tendered > 0 && <SumRow name={t("payment.change")} value={money(sums.change)} strong />}
        <SumRow
          name={over ? t("payment.over") : t("payment.remains")}
          value={money(over ? sums.amount - sums.balance : sums.balanceAfter)}
          {...(over ? { tone: "attention" as const } : { strong: true })}
        />
      </Summary>
      {sums.warnings.includes("overpays") && <Warning>{t("payment.overpays")}</Warning>}
      {sums.warnings.includes("duplicate") && <Warning>{t("payment.duplicate")}</Warning>}
    </>
  );
}
