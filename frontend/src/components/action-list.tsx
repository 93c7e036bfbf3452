import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ActionRow } from "~/bridge/dto";
import classes from "~/components/action-list.module.css";
import { useStateSentence } from "~/components/explain";
import { Money } from "~/components/money";
import { StateChip } from "~/components/state-chip";
import { When } from "~/components/when";
import { VirtualList } from "~/ui/virtual-list";

const types = ["create_invoice", "update_invoice", "record_payment", "collect_payment", "sync_payment", "log_visit", "void_invoice", "create_contact", "add_attachment"] as const;
const methods = ["cash", "check", "bank_transfer", "other", "card_on_file", "payment_link"] as const;
const outcomes = ["met", "not_in", "follow_up", "order", "other"] as const;

/** An action in words: what it does, for whom, and which one. */
export function useActionWords(): (row: ActionRow) => { what: string; who: string; which: string } {
  const { t } = useTranslation();
  return (row) => {
    const type = types.find((k) => k === row.type);
    const method = methods.find((m) => m === row.method);
    const outcome = outcomes.find((o) => o === row.outcome);
    const which = [method ? t(`method.${method}`) : "", row.invoiceNumber || row.description, outcome ? t(`outcome.${outcome}`) : ""];
    return {
      // A type of a newer build has the core's words.
      what: type ? t(`type.${type}`) : row.title,
      who: row.accountName,
      which: which.filter((w) => w !== "").join(", "),
    };
  };
}

/** An action on one line: what, how it stands and why, how much, when. */
export function ActionLine({ row, act }: { row: ActionRow; act?: ReactNode }) {
  const words = useActionWords()(row);
  const sentence = useStateSentence();
  return (
    <article className={classes.line} aria-label={[words.what, words.who, words.which].join(", ")}>
      <div className={classes.what}>
        <Link to={`/outbox/${row.id}`} className={classes.link}>
          {words.what} <span className={classes.title}>{words.who}</span>
        </Link>
        <span className={classes.sub}>{words.which}</span>
      </div>
      <div className={classes.how}>
        <StateChip state={row.state} late={row.late} />
        <span className={classes.why}>{sentence(row)}</span>
        {act && <div className={classes.act}>{act}</div>}
      </div>
      <div className={classes.much}>
        {row.currency !== "" && <Money amount={row.amount} currency={row.currency} />}
        <span className={classes.sub}>
          <When at={row.createdAt} />
        </span>
      </div>
    </article>
  );
}

/** More actions than this are drawn only where they are seen. */
const VIRTUAL_FROM = 200;
const LINE_HEIGHT = 62;

/** Actions under each other; `onEnd` is called when the last comes into sight. */
export function ActionList({ rows, label, onEnd }: { rows: readonly ActionRow[]; label: string; onEnd?: () => void }) {
  if (rows.length > VIRTUAL_FROM) {
    return (
      <VirtualList label={label} items={rows} keyOf={(r) => r.id} height={LINE_HEIGHT} {...(onEnd ? { onEnd } : {})}>
        {(row) => <ActionLine row={row} />}
      </VirtualList>
    );
  }
  return (
    <ul className={classes.list} aria-label={label}>
      {rows.map((r) => (
        <li key={r.id}>
          <ActionLine row={r} />
        </li>
      ))}
    </ul>
  );
}
