import { TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContactForm } from "~/bridge/bridge";
import type { Saved } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useAccount } from "~/bridge/queries";
import { useDraft } from "~/components/drafts";
import { CustomerSelect } from "~/components/form/customer-select";
import { FieldGroup, FormShell } from "~/components/form/form-shell";
import { Optional } from "~/components/form/optional";
import { Summary, SumRow } from "~/components/form/summary";
import { useFormErrors } from "~/components/form/use-form-errors";

export type ContactTyped = Omit<ContactForm, "actionId">;

const defaults: ContactTyped = { accountId: "", firstName: "", lastName: "", email: "", phone: "", title: "", replaces: "" };
const optional = ["firstName", "title", "phone", "email"] as const;

function missing(values: ContactTyped): Record<string, string> {
  return Object.fromEntries((["accountId", "lastName"] as const).filter((k) => values[k].trim() === "").map((k) => [k, "is required"]));
}

/** Makes a contact of a customer; other forms can name it at once. */
export function ContactCreateForm(props: {
  accountId: string;
  /** What was typed in the action that this one replaces. */
  before: ContactTyped | null;
  onSaved: (saved: Saved, accountId: string) => void;
  onLeave: () => void;
}) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const draft = useDraft<ContactTyped>(`contact-create:${props.before?.replaces ?? props.accountId}`);
  const [values, setValues] = useState<ContactTyped>(() => draft.kept ?? props.before ?? { ...defaults, accountId: props.accountId });
  const account = useAccount(values.accountId).data?.account;
  const save = useMutation({
    mutationFn: () => bridge.saveContact({ ...values, actionId: draft.actionId }),
    onSuccess: (saved) => {
      draft.drop();
      props.onSaved(saved, values.accountId);
    },
  });
  const errors = useFormErrors(missing(values), save.error, true);

  function set(change: Partial<ContactTyped>) {
    const next = { ...values, ...change };
    setValues(next);
    draft.keep(next);
    if (save.isError) save.reset();
  }

  const field = (key: "firstName" | "lastName" | "email" | "phone" | "title") => ({
    label: t(`contact.${key}`),
    value: values[key],
    onChange: (e: { currentTarget: { value: string } }) => set({ [key]: e.currentTarget.value }),
    onBlur: values[key] === "" ? undefined : errors.leave(key),
    error: errors.at(key),
    autoComplete: "off",
  });

  return (
    <FormShell
      label={t("contact.create")}
      submit={t("contact.save")}
      saving={save.isPending}
      draft={draft.state}
      refusal={save.error}
      errorCount={errors.count}
      summary={
        <Summary title={t("contact.summary")} headline={[values.firstName, values.lastName].join(" ").trim() || t("contact.nobody")} stale={false}>
          <SumRow name={t("form.customer")} value={account?.name ?? t("none")} />
        </Summary>
      }
      onSubmit={(form) => errors.pass(form) && save.mutate()}
      onLeave={props.onLeave}
    >
      <FieldGroup title={t("contact.who")}>
        <CustomerSelect
          value={values.accountId}
          error={errors.at("accountId")}
          onChange={(accountId) => set({ accountId })}
          onBlur={errors.leave("accountId")}
          autoFocus={values.accountId === ""}
        />
        <TextInput {...field("lastName")} autoFocus={values.accountId !== ""} />
        {optional.map((key) => (
          <TextInput key={key} {...field(key)} label={<Optional label={t(`contact.${key}`)} />} />
        ))}
      </FieldGroup>
    </FormShell>
  );
}
