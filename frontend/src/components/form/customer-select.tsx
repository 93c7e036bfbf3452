import { Select } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Optional } from "~/components/form/optional";
import { useAccount, useAccounts } from "~/bridge/queries";

/** As many as the core gives at once; nearly every rep has fewer. */
const ALL = 2_000;
const SHOWN = 50;

/**
 * Picks a customer out of the cache; works without a network. The names are
 * here before one types, so that Enter takes the first match at any speed.
 */
export function CustomerSelect(props: {
  value: string;
  error: string | undefined;
  onChange: (accountId: string) => void;
  onBlur: () => void;
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const first = useAccounts({ search: "", limit: ALL, offset: 0 });
  const more = (first.data?.total ?? 0) > ALL;
  const found = useAccounts({ search: more ? search : "", limit: ALL, offset: 0 });
  const chosen = useAccount(props.value).data?.account;
  const byId = new Map([...(chosen ? [chosen] : []), ...(first.data?.items ?? []), ...(found.data?.items ?? [])].map((a) => [a.id, a]));
  const names = [...byId.values()].map((a) => ({ value: a.id, label: a.name }));

  // The list marks its first match a moment after the typing; an Enter that
  // comes before that means the first match all the same.
  function takeFirst(event: KeyboardEvent<HTMLInputElement>) {
    const wanted = search.trim().toLowerCase();
    if (event.key !== "Enter" || wanted === "" || event.currentTarget.getAttribute("aria-activedescendant")) return;
    const match = names.find((n) => n.label.toLowerCase().includes(wanted));
    if (match === undefined || match.value === props.value) return;
    event.preventDefault();
    props.onChange(match.value);
    setSearch(match.label);
  }

  return (
    <Select
      label={t("form.customer")}
      placeholder={t("form.customerFind")}
      data={names}
      onKeyDown={takeFirst}
      value={props.value || null}
      onChange={(id) => props.onChange(id ?? "")}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      limit={SHOWN}
      selectFirstOptionOnChange
      nothingFoundMessage={first.isPending ? t("loading") : t("form.customerNone")}
      maxDropdownHeight={280}
      error={props.error}
      onBlur={props.onBlur}
      autoFocus={props.autoFocus}
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
      data={contacts.map((c) => ({ value: c.id, label: [`${c.firstName} ${c.lastName}`.trim(), c.title].filter((s) => s !== "").join(", ") }))}
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
