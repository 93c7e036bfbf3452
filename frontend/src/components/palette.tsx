import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconBuilding, IconFileInvoice, type TablerIcon } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useBridge } from "~/bridge/provider";
import { useAccounts, useInvoices } from "~/bridge/queries";
import { messageOf } from "~/components/explain";
import { useFormat } from "~/components/format";
import classes from "~/components/palette.module.css";
import { actAddress, acts, places, tools } from "~/components/places";
import { useToast } from "~/components/toasts";

/** As many records as fit under the acts without scrolling far. */
const RECORDS = 5;

interface Entry {
  id: string;
  label: string;
  note?: string;
  icon?: TablerIcon;
  run: () => void;
}

/** Everything that can be gone to or done, by a few typed letters; Ctrl or Cmd with K opens it. */
export function Palette() {
  const { t } = useTranslation();
  const [[store]] = useState(createSpotlight);
  const [opened, setOpened] = useState(false);
  const [query, setQuery] = useState("");
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      tagsToIgnore={[]}
      shortcut="mod + K"
      classNames={{ actionDescription: classes.note ?? "" }}
      attributes={{ content: { "aria-label": t("palette.title") } }}
      overlayProps={{ backgroundOpacity: 0.5, blur: 0 }}
      scrollable
    >
      <Spotlight.Search placeholder={t("palette.find")} aria-label={t("palette.find")} />
      {opened && <Found query={query.trim()} />}
    </Spotlight.Root>
  );
}

function Found({ query }: { query: string }) {
  const { t } = useTranslation();
  const groups = [
    { name: t("palette.acts"), entries: matching(useActs(), query) },
    { name: t("nav.label"), entries: matching(usePlaces(), query) },
    { name: t("palette.records"), entries: useRecords(query) },
  ].filter((g) => g.entries.length > 0);
  if (groups.length === 0) return <Spotlight.Empty>{t("palette.none")}</Spotlight.Empty>;
  return (
    <Spotlight.ActionsList>
      {groups.map((g) => (
        <Spotlight.ActionsGroup key={g.name} label={g.name}>
          {g.entries.map(({ id, label, note, icon: Icon, run }) => (
            <Spotlight.Action
              key={id}
              label={label}
              {...(note === undefined ? {} : { description: note })}
              {...(Icon ? { leftSection: <Icon size={18} stroke={1.6} aria-hidden="true" /> } : {})}
              onClick={run}
            />
          ))}
        </Spotlight.ActionsGroup>
      ))}
    </Spotlight.ActionsList>
  );
}

/** Every word typed begins a word of the name. */
function matching(entries: Entry[], query: string): Entry[] {
  const words = query.toLocaleLowerCase().split(/\s+/);
  return entries.filter((e) => {
    const names = e.label.toLocaleLowerCase().split(/\s+/);
    return words.every((w) => names.some((n) => n.startsWith(w)));
  });
}

function useActs(): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const bridge = useBridge();
  const toast = useToast();
  return [
    ...acts.map((a) => ({
      id: a.key,
      label: t(`shortcuts.${a.key}`),
      icon: a.icon,
      run: () => void navigate(actAddress(a, pathname)),
    })),
    { id: "sync", label: t("outbox.syncNow"), run: () => void bridge.syncNow().catch((e: unknown) => toast({ title: messageOf(t, e) })) },
  ];
}

function usePlaces(): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return [...places, ...tools].map((p) => ({ id: p.key, label: t(`nav.${p.key}`), icon: p.icon, run: () => void navigate(p.to) }));
}

/** Customers and invoices that the search of their lists finds. */
function useRecords(query: string): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const format = useFormat();
  const search = { search: query, limit: RECORDS, offset: 0 };
  const accounts = useAccounts(search).data?.items ?? [];
  const invoices = useInvoices({ ...search, accountId: "" }).data?.items ?? [];
  if (query === "") return [];
  return [
    ...accounts.map((a) => ({ id: a.id, label: a.name, note: t("form.customer"), icon: IconBuilding, run: () => void navigate(`/customers/${a.id}`) })),
    ...invoices.map((i) => ({
      id: i.id,
      label: [i.number || t("invoice.unnumbered"), i.accountName].join(", "),
      note: [i.description, format.money(i.amount, i.currency)].filter((s) => s !== "").join(" · "),
      icon: IconFileInvoice,
      run: () => void navigate(`/invoices/${i.id}`),
    })),
  ];
}
