import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAccount, useInvoice } from "~/bridge/queries";
import { type Unfinished, useUnfinished } from "~/components/drafts";
import classes from "~/components/unfinished.module.css";
import { When } from "~/components/when";
import { Panel } from "~/ui/panel";

const kinds = ["invoice-create", "invoice-update", "invoice-void", "payment-record", "payment-collect", "contact-create", "visit-log"] as const;

/** The forms that were begun and not saved: go on with one, or give it up. */
export function UnfinishedForms() {
  const { t } = useTranslation();
  const { forms, drop } = useUnfinished();
  if (forms.length === 0) return null;
  return (
    <Panel title={t("draft.title")} flush>
      <ul className={classes.forms} aria-label={t("draft.title")}>
        {forms.map((form) => (
          <Line key={form.name} form={form} onDrop={() => drop(form.name)} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ form, onDrop }: { form: Unfinished; onDrop: () => void }) {
  const { t } = useTranslation();
  const kind = kinds.find((k) => form.name.startsWith(`${k}:`));
  const what = kind ? t(`draft.kind.${kind}`) : t("draft.kind.other");
  const about = useAbout(form);
  return (
    <li className={classes.form}>
      <Link to={form.address} className={classes.link}>
        <span className={classes.what}>{what}</span>
        <span className={classes.about}>
          {about !== "" && `${about}, `}
          <When at={form.at} />
        </span>
      </Link>
      <Button variant="subtle" size="compact-sm" onClick={onDrop} aria-label={t("draft.dropOne", { what: [what, about].filter((s) => s !== "").join(", ") })}>
        {t("draft.drop")}
      </Button>
    </li>
  );
}

/** Whom a form is about, as far as it says that already. */
function useAbout({ name, values }: Unfinished): string {
  const text = (key: string) => {
    const value: unknown = typeof values === "object" && values !== null ? Reflect.get(values, key) : undefined;
    return typeof value === "string" ? value : "";
  };
  const account = useAccount(text("accountId")).data?.account.name ?? "";
  const id = name.startsWith("invoice-update:") ? name.slice("invoice-update:".length) : text("invoiceId");
  const invoice = useInvoice(id).data?.row;
  return account || (invoice ? [invoice.accountName, invoice.number].filter((s) => s !== "").join(", ") : "");
}
