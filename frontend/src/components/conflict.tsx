import { Button, SegmentedControl } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { ActionRow } from "~/bridge/dto";
import type { ConflictDTO } from "~/bridge/dto-pay";
import { useBridge } from "~/bridge/provider";
import { useAccount, useConflict } from "~/bridge/queries";
import { AsOf } from "~/components/as-of";
import classes from "~/components/conflict.module.css";
import { fieldName, messageOf } from "~/components/explain";
import { useFormat } from "~/components/format";
import { Money } from "~/components/money";
import { newId } from "~/util/id";
import { spokenDate } from "~/util/date";
import { Panel } from "~/ui/panel";

/** Mine beside Salesforce's, field by field; a person says which counts. */
export function Conflict({ row }: { row: ActionRow }) {
  const conflict = useConflict(row.id).data;
  if (!conflict || (conflict.fields.length === 0 && !conflict.canKeep)) return null;
  return <Compare key={conflict.asOf} row={row} conflict={conflict} />;
}

type Side = "mine" | "theirs";

/** The decision as calls: nothing of mine gives the action up, all or a part of it asks again. */
function useDecision(row: ActionRow, conflict: ConflictDTO) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (mine: readonly string[]) => {
      if (conflict.kind !== "update_invoice" && mine.length > 0) return (await bridge.keepMine(row.id)).actionId;
      if (mine.length === 0) {
        await bridge.discard(row.id, t("conflict.tookTheirs"));
        return row.id;
      }
      const value = (name: string) => conflict.fields.find((f) => f.name === name && mine.includes(name))?.mine ?? "";
      const fields = { description: value("description"), notes: value("notes"), dueDate: value("dueDate"), contactId: value("contactId") };
      const saved = await bridge.updateInvoice({ ...fields, actionId: newId(), invoiceId: row.invoiceId, changed: [...mine], replaces: row.id });
      return saved.actionId;
    },
    onSuccess: (id) => navigate(`/outbox/${id}`, { replace: true }),
  });
}

function Compare({ row, conflict }: { row: ActionRow; conflict: ConflictDTO }) {
  const { t } = useTranslation();
  // What the office has is the safe choice: nothing of theirs is written over unseen.
  const [sides, setSides] = useState<Readonly<Record<string, Side>>>({});
  const decision = useDecision(row, conflict);
  const mine = conflict.fields.filter((f) => sides[f.name] === "mine").map((f) => f.name);
  const whole = conflict.fields.length === 0;
  return (
    <Panel title={t("conflict.title")} aside={<AsOf at={conflict.asOf} />}>
      {whole ? (
        <p>
          {t("conflict.whole")} <Money amount={conflict.invoice.balance} currency={conflict.invoice.currency} />
        </p>
      ) : (
        <Fields conflict={conflict} sides={sides} onChoose={(name, side) => setSides({ ...sides, [name]: side })} />
      )}
      {decision.error && (
        <p role="alert" className={classes.error}>
          {messageOf(t, decision.error)}
        </p>
      )}
      <div className={classes.acts}>
        {whole ? (
          <>
            <Button onClick={() => decision.mutate([])}>{t("conflict.takeTheirs")}</Button>
            <Button variant="default" onClick={() => decision.mutate([conflict.kind])}>
              {t("conflict.keepMine")}
            </Button>
          </>
        ) : (
          <Button onClick={() => decision.mutate(mine)} aria-disabled={decision.isPending}>
            {mine.length === 0 ? t("conflict.takeTheirs") : mine.length === conflict.fields.length ? t("conflict.keepMine") : t("conflict.keepSome", { count: mine.length })}
          </Button>
        )}
      </div>
    </Panel>
  );
}

function Fields(props: { conflict: ConflictDTO; sides: Readonly<Record<string, Side>>; onChoose: (name: string, side: Side) => void }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const { conflict, sides } = props;
  const contacts = useAccount(conflict.invoice.accountId).data?.contacts ?? [];
  function words(name: string, value: string): string {
    if (value === "") return t("none");
    if (name === "dueDate") return spokenDate(value, locale) || value;
    const person = name === "contactId" ? contacts.find((c) => c.id === value) : undefined;
    return person ? `${person.firstName} ${person.lastName}`.trim() : value;
  }
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t("conflict.field")}</th>
          <th scope="col">{t("conflict.mine")}</th>
          <th scope="col">{t("conflict.theirs")}</th>
          <th scope="col">{t("conflict.result")}</th>
        </tr>
      </thead>
      <tbody>
        {conflict.fields.map((f) => {
          const side = sides[f.name] ?? "theirs";
          const label = fieldName(t, f.name);
          return (
            <tr key={f.name}>
              <th scope="row">{label}</th>
              <td data-chosen={side === "mine"}>{words(f.name, f.mine)}</td>
              <td data-chosen={side === "theirs"}>{f.known ? words(f.name, f.theirs) : t("conflict.unknown")}</td>
              <td>
                <SegmentedControl
                  aria-label={t("conflict.which", { field: label })}
                  size="xs"
                  value={side}
                  onChange={(next) => props.onChoose(f.name, next === "mine" ? "mine" : "theirs")}
                  data={[
                    { value: "mine", label: t("conflict.mine") },
                    { value: "theirs", label: t("conflict.theirs") },
                  ]}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
