import { Select, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Optional } from "~/components/form/optional";
import type { InvoiceForm } from "~/bridge/bridge";
import type { InvoicePreview, Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useBootstrap, useInvoicePreview } from "~/bridge/queries";
import { useDraft } from "~/components/drafts";
import { ContactSelect, CustomerSelect } from "~/components/form/customer-select";
import { DueDate } from "~/components/form/due-date";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { emptyLine, LineEditor } from "~/components/form/line-editor";
import { PricePicker, withLine } from "~/components/form/price-picker";
import { Summary, SumRow } from "~/components/form/summary";
import { useFormErrors } from "~/components/form/use-form-errors";
import { useFormat } from "~/components/format";
import { Money } from "~/components/money";

export type InvoiceTyped = Omit<InvoiceForm, "locale" | "actionId">;
type Values = InvoiceTyped;

const defaults: Values = {
  accountId: "",
  contactId: "",
  currency: "usd",
  description: "",
  notes: "",
  dueDate: "",
  lines: [emptyLine],
  replaces: "",
};

const noSums: InvoicePreview = { lines: [], net: 0, taxes: [], tax: 0, total: 0, currency: "", fields: {} };

/** Writes an invoice. Saved means durable on this device; it is sent by itself. */
export function InvoiceCreateForm(props: {
  accountId: string;
  /** What was typed in the action that this one replaces. */
  before: InvoiceTyped | null;
  onSaved: (saved: Saved) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { locale } = useFormat();
  const draft = useDraft<Values>(`invoice-create:${props.before?.replaces ?? ""}`);
  const [values, setValues] = useState<Values>(
    () => draft.kept ?? props.before ?? { ...defaults, accountId: props.accountId },
  );
  const preview = useInvoicePreview({ ...values, locale, actionId: "" });
  const sums = preview.data ?? noSums;
  const save = useMutation({
    mutationFn: () => bridge.saveInvoice({ ...values, locale, actionId: draft.actionId }),
    onSuccess: (saved) => {
      draft.drop();
      props.onSaved(saved);
    },
  });
  const errors = useFormErrors(sums.fields, save.error, preview.isSuccess && !preview.isPlaceholderData);

  function set(change: Partial<Values>) {
    const next = { ...values, ...change };
    setValues(next);
    draft.keep(next);
    if (save.isError) save.reset();
  }

  return (
    <FormShell
      label={t("invoice.create.title")}
      submit={t("invoice.create.save")}
      saving={save.isPending}
      draft={draft.state}
      refusal={save.error}
      errorCount={errors.count}
      summary={<InvoiceSummary sums={{ ...sums, currency: values.currency }} stale={preview.isPlaceholderData} />}
      onSubmit={(form) => errors.pass(form) && save.mutate()}
      onLeave={props.onLeave}
    >
      <FieldGroup title={t("invoice.create.who")}>
        <CustomerSelect
          value={values.accountId}
          error={errors.at("accountId")}
          onChange={(accountId) => set({ accountId, contactId: "" })}
          onBlur={errors.leave("accountId")}
          autoFocus={values.accountId === ""}
        />
        <ContactSelect
          accountId={values.accountId}
          value={values.contactId}
          error={errors.at("contactId")}
          onChange={(contactId) => set({ contactId })}
        />
        <TextInput
          label={<Optional label={t("invoice.description")} />}
          value={values.description}
          onChange={(e) => set({ description: e.currentTarget.value })}
          error={errors.at("description")}
          autoComplete="off"
        />
      </FieldGroup>
      <FieldGroup title={t("invoice.create.what")}>
        <CurrencySelect value={values.currency} error={errors.at("currency")} onChange={(currency) => set({ currency })} />
        <PricePicker currency={values.currency} onPick={(line) => set({ lines: withLine(values.lines, line) })} />
        <LineEditor
          lines={values.lines}
          currency={values.currency}
          nets={sums.lines}
          errors={errors}
          onChange={(lines) => set({ lines })}
        />
      </FieldGroup>
      <FieldGroup title={t("invoice.create.terms")}>
        <DueDate value={values.dueDate} error={errors.at("dueDate")} onChange={(dueDate) => set({ dueDate })} />
        <Textarea
          label={<Optional label={t("form.notes")} />}
          value={values.notes}
          onChange={(e) => set({ notes: e.currentTarget.value })}
          error={errors.at("notes")}
          rows={3}
        />
      </FieldGroup>
    </FormShell>
  );
}

function CurrencySelect(props: { value: string; error: string | undefined; onChange: (currency: string) => void }) {
  const { t } = useTranslation();
  const { currencies } = useBootstrap();
  const { locale } = useFormat();
  // Some 160 names that no keystroke changes.
  const data = useMemo(() => {
    const names = new Intl.DisplayNames(locale, { type: "currency", fallback: "none" });
    return currencies.map(({ code }) => {
      const upper = code.toUpperCase();
      const name = names.of(upper);
      return { value: code, label: name ? `${upper}  ${name}` : upper };
    });
  }, [currencies, locale]);
  return (
    <Select
      label={t("form.currency")}
      data={data}
      value={props.value}
      onChange={(code) => code && props.onChange(code)}
      searchable
      allowDeselect={false}
      selectFirstOptionOnChange
      maxDropdownHeight={280}
      error={props.error}
      maw={320}
      comboboxProps={{ withinPortal: false }}
      openOnFocus={false}
    />
  );
}

function InvoiceSummary({ sums, stale }: { sums: InvoicePreview; stale: boolean }) {
  const { t } = useTranslation();
  const { currency } = sums;
  return (
    <Summary title={t("invoice.total")} headline={<Money amount={sums.total} currency={currency} size="large" />} stale={stale}>
      <SumRow name={t("invoice.net")} value={<Money amount={sums.net} currency={currency} />} />
      {sums.taxes.map((tax) => (
        <SumRow key={tax.rate} name={t("invoice.taxAt", { rate: tax.rate })} value={<Money amount={tax.amount} currency={currency} />} />
      ))}
      {sums.taxes.length === 0 && <SumRow name={t("invoice.tax")} value={<Money amount={0} currency={currency} />} tone="quiet" />}
      <SumRow name={t("invoice.total")} value={<Money amount={sums.total} currency={currency} />} strong />
    </Summary>
  );
}
