import { Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Optional } from "~/components/form/optional";
import { useAccount, useAccounts } from "~/bridge/queries";

const SHOWN = 50;

/** Picks a customer out of the cache; works without a network. */
export function CustomerSelect(props: {
  value: string;
  error: string | undefined;
  onChange: (accountId: string) => void;
  onBlur: () => void;
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const chosen = useAccount(props.value).data?.account;
  // The chosen name fills the box: it is not a search.
  const found = useAccounts({ search: search === chosen?.name ? "" : search, limit: SHOWN, offset: 0 });
  const items = found.data?.items ?? [];
  const listed = chosen && !items.some((a) => a.id === chosen.id) ? [chosen, ...items] : items;
  return (
    <Select
      label={t("form.customer")}
      placeholder={t("form.customerFind")}
      data={listed.map((a) => ({ value: a.id, label: a.name }))}
      value={props.value || null}
      onChange={(id) => props.onChange(id ?? "")}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      selectFirstOptionOnChange
      nothingFoundMessage={found.isPending ? t("loading") : t("form.customerNone")}
      maxDropdownHeight={280}
      error={props.error}
      onBlur={props.onBlur}
      data-autofocus={props.autoFocus}
      autoFocus={props.autoFocus}
      required
      withAsterisk={false}
      comboboxProps={{ withinPortal: false }}
      openOnFocus={false}
    />
  );
}

/** Picks a person at the customer; optional everywhere. */
export function ContactSelect(props: { accountId: string; value: string; error: string | undefined; onChange: (contactId: string) => void }) {
  const { t } = useTranslation();
  const contacts = useAccount(props.accountId).data?.contacts ?? [];
  return (
    <Select
      label={<Optional label={t("form.contact")} />}
      placeholder={props.accountId === "" ? t("form.contactFirst") : t("form.contactChoose")}
      data={contacts.map((c) => ({ value: c.id, label: `${c.firstName} ${c.lastName}, ${c.title}` }))}
      value={props.value || null}
      onChange={(id) => props.onChange(id ?? "")}
      disabled={props.accountId === ""}
      searchable
      clearable
      nothingFoundMessage={t("form.contactNone")}
      error={props.error}
      comboboxProps={{ withinPortal: false }}
      openOnFocus={false}
    />
  );
}
