import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { ActionDetail } from "~/bridge/dto";
import { useAction, useOutbox } from "~/bridge/queries";
import { useActionWords } from "~/components/action-list";
import { Conflict } from "~/components/conflict";
import { Decide } from "~/components/decide";
import { fieldMessage, fieldName, useStateSentence } from "~/components/explain";
import { Money } from "~/components/money";
import { QueryView } from "~/components/query-view";
import { StateChip } from "~/components/state-chip";
import { Timeline } from "~/components/timeline";
import { When } from "~/components/when";
import classes from "~/pages/action.module.css";
import { Page } from "~/ui/page";
import { Facts, Panel } from "~/ui/panel";

const withReceipt = ["create_invoice", "record_payment", "collect_payment"];

/** One action: how it stands and why, what can be done, how it came here. */
export function ActionPage() {
  const { t } = useTranslation();
  const wordsOf = useActionWords();
  const { id = "" } = useParams();
  const detail = useAction(id);
  const words = detail.data && wordsOf(detail.data.row);
  return (
    <Page
      title={words?.what ?? t("action.one")}
      above={<Link to="/outbox">{t("nav.outbox")}</Link>}
      below={words && [words.who, words.which].filter((s) => s !== "").join(" · ")}
    >
      <QueryView query={detail} isEmpty={() => false} empty={null} rows={6}>
        {(d) => <Detail detail={d} />}
      </QueryView>
    </Page>
  );
}

function Detail({ detail }: { detail: ActionDetail }) {
  const { t } = useTranslation();
  const sentence = useStateSentence();
  const { row, fields } = detail;
  const needs = row.state === "review" || row.state === "failed";
  const behind = useOutbox("unsent").data?.pages.flatMap((p) => p.items).filter((a) => a.blockedBy === row.id) ?? [];
  return (
    <>
      <Panel title={t("action.now")} {...(needs ? { tone: "attention" as const } : {})}>
        <StateChip state={row.state} late={row.late} />
        <p className={classes.why}>{sentence(row)}</p>
        {Object.entries(fields).map(([path, message]) => (
          <p key={path} className={classes.why}>
            {[fieldName(t, path), fieldMessage(t, message)].filter((s) => s !== "").join(": ")}
          </p>
        ))}
        {row.code !== "" && (needs || row.state === "waiting") && (
          <p className={classes.why}>
            <Link to={`/reasons?code=${row.code}`}>{t("reasons.why")}</Link>
          </p>
        )}
        {row.blockedBy !== "" && (
          <p className={classes.why}>
            <Link to={`/outbox/${row.blockedBy}`}>{t("action.blocker")}</Link>
          </p>
        )}
        {row.replacedBy !== "" && (
          <p className={classes.why}>
            <Link to={`/outbox/${row.replacedBy}`}>{t("action.replacement")}</Link>
          </p>
        )}
        {row.result === "requested" && row.link !== "" && (
          <p className={classes.why}>
            {t("collect.linkIs")} <a href={row.link} target="_blank" rel="noopener noreferrer">{row.link}</a>
          </p>
        )}
        <div className={classes.decide}>
          <Decide row={row} behind={behind.length} />
        </div>
      </Panel>
      {row.state === "review" && <Conflict row={row} />}
      <Panel title={t("action.timeline")}>
        <Timeline steps={detail.history} />
      </Panel>
      <Panel title={t("action.receipt")} aside={withReceipt.includes(row.type) && <Link to={`/outbox/${row.id}/receipt`}>{t("receipt.show")}</Link>}>
        <Receipt detail={detail} />
      </Panel>
    </>
  );
}

function Receipt({ detail: { row, hash, payload } }: { detail: ActionDetail }) {
  const { t } = useTranslation();
  return (
    <>
      <Facts
        items={[
          { name: t("action.sequence"), value: row.sequence },
          { name: t("action.hash"), value: <code>{hash}</code> },
          ...(row.currency === "" ? [] : [{ name: t("invoice.amount"), value: <Money amount={row.amount} currency={row.currency} /> }]),
          { name: t("action.actor"), value: row.actor || t("none") },
          { name: t("action.saved"), value: <When at={row.createdAt} /> },
          { name: t("invoice.inSalesforce"), value: row.serverId || t("status.none") },
          { name: t("action.id"), value: <code>{row.id}</code> },
        ]}
      />
      <details className={classes.payload}>
        <summary>{t("action.payload")}</summary>
        <pre tabIndex={0}>{payload}</pre>
      </details>
    </>
  );
}
