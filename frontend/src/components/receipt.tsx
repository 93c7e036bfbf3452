import { useTranslation } from "react-i18next";
import type { ReceiptDTO, ReceiptPage, ReceiptRow } from "~/bridge/dto-pay";
import { useFormat } from "~/components/format";
import classes from "~/components/receipt.module.css";
import { spokenDate } from "~/util/date";
import { exactTime } from "~/util/time";

const kinds = ["create_invoice", "record_payment", "collect_payment"] as const;
const methods = ["cash", "check", "bank_transfer", "other", "card_on_file", "payment_link"] as const;

/** A receipt in the person's words and figures, for the screen, the printer and the PDF alike. */
export function useReceiptPage(): (receipt: ReceiptDTO) => ReceiptPage {
  const { t } = useTranslation();
  const { locale, money, amount } = useFormat();
  const rows = (list: [string, string][]): ReceiptRow[] => list.filter(([, v]) => v !== "").map(([name, value]) => ({ name, value, detail: "" }));
  return (r) => {
    const kind = kinds.find((k) => k === r.kind) ?? "record_payment";
    const method = methods.find((m) => m === r.method);
    const in_ = (minor: number) => money(minor, r.currency);
    const paid = kind !== "create_invoice";
    return {
      actionId: r.actionId,
      title: t(`receipt.title.${kind}.${r.standing}`),
      standing: t(`receipt.standing.${r.standing}`),
      facts: rows([
        [t("form.customer"), r.accountName],
        [t("invoice.one"), r.invoiceNumber],
        [t("invoice.description"), r.description],
        [t("form.dueDate"), spokenDate(r.dueDate, locale)],
        [t("payment.method"), method ? t(`method.${method}`) : ""],
        [t("payment.checkNumber"), r.checkNumber],
        [t("payment.reference"), r.reference],
        [t("action.saved"), exactTime(r.savedAt, locale)],
        [t("receipt.confirmed"), exactTime(r.confirmedAt, locale)],
        [t("invoice.inSalesforce"), r.serverId],
        [t("action.actor"), r.actor],
        [t("action.sequence"), String(r.sequence)],
        [t("action.hash"), r.hash],
      ]),
      lines: r.lines.map((l) => ({
        name: l.description,
        detail: [
          `${l.quantity} × ${amount(l.unitPrice, r.currency)}`,
          l.discount > 0 ? t("receipt.discount", { amount: amount(l.discount, r.currency) }) : "",
          l.taxRate === "" ? "" : t("invoice.taxAt", { rate: l.taxRate }),
        ]
          .filter((s) => s !== "")
          .join(", "),
        value: amount(l.net, r.currency),
      })),
      sums: rows(
        paid
          ? [
              [t("payment.tendered"), r.tendered > 0 ? in_(r.tendered) : ""],
              [t("payment.change"), r.tendered > 0 ? in_(r.change) : ""],
              [r.kind === "collect_payment" && r.standing !== "final" ? t("collect.requested") : t("payment.received"), in_(r.amount)],
            ]
          : [
              [t("invoice.net"), in_(r.net)],
              ...r.taxes.map((tax): [string, string] => [t("invoice.taxAt", { rate: tax.rate }), in_(tax.amount)]),
              [t("invoice.total"), in_(r.amount)],
            ],
      ),
    };
  };
}

/** A receipt as paper. */
export function ReceiptSheet({ page }: { page: ReceiptPage }) {
  return (
    <article className={classes.sheet} aria-label={page.title}>
      <h2 className={classes.title}>{page.title}</h2>
      <p className={classes.standing}>{page.standing}</p>
      <Rows rows={page.facts} />
      <Rows rows={page.lines} />
      <Rows rows={page.sums} strong />
    </article>
  );
}

function Rows({ rows, strong = false }: { rows: readonly ReceiptRow[]; strong?: boolean }) {
  if (rows.length === 0) return null;
  return (
    <dl className={classes.rows} data-strong={strong}>
      {rows.map((r, i) => (
        <div key={`${r.name} ${i}`} className={classes.row}>
          <dt>
            {r.name}
            {r.detail !== "" && <span className={classes.detail}>{r.detail}</span>}
          </dt>
          <dd>{r.value}</dd>
        </div>
      ))}
    </dl>
  );
}
