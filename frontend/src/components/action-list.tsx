import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ActionRow } from "~/bridge/dto";
import classes from "~/components/action-list.module.css";
import { useStateSentence } from "~/components/explain";
import { Money } from "~/components/money";
import { StateChip } from "~/components/state-chip";
import { When } from "~/components/when";

const types = ["create_invoice", "update_invoice", "record_payment", "sync_payment", "log_visit"] as const;

/** What an action does, as a noun: "New invoice". */
export function useTypeWord(): (type: string) => string {
  const { t } = useTranslation();
  return (type) => {
    const known = types.find((k) => k === type);
    return known ? t(`type.${known}`) : type;
  };
}

/** An action on one line: what, how it stands and why, how much, when. */
export function ActionLine({ row, act }: { row: ActionRow; act?: ReactNode }) {
  const typeWord = useTypeWord();
  const sentence = useStateSentence();
  return (
    <article className={classes.line} aria-label={`${typeWord(row.type)} ${row.title}`}>
      <div className={classes.what}>
        <Link to={`/outbox/${row.id}`} className={classes.link}>
          {typeWord(row.type)}
          <span className={classes.title}>{row.title}</span>
        </Link>
        <span className={classes.sub}>{row.subtitle}</span>
      </div>
      <div className={classes.how}>
        <StateChip state={row.state} />
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

/** Actions under each other. */
export function ActionList({ rows, label }: { rows: readonly ActionRow[]; label: string }) {
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
