import { Button, Group, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { ActionRow } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useActionWords } from "~/components/action-list";
import classes from "~/components/decide.module.css";
import { Dialog } from "~/components/dialog";
import { messageOf } from "~/components/explain";
import { mendAddress } from "~/components/form/refill";

const stuck = ["review", "failed"];

function canEdit(state: string): boolean {
  return state === "pending" || state === "held";
}

/** What a person can decide about an action as it stands; nothing for one that goes by itself. */
export function Decide({ row, behind }: { row: ActionRow; behind: number }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [discarding, setDiscarding] = useState(false);
  const retry = useMutation({ mutationFn: () => bridge.retry(row.id) });
  const mend = stuck.includes(row.state) || (row.attempt === 0 && canEdit(row.state)) ? mendAddress(row) : null;
  const needsPerson = stuck.includes(row.state);
  const canRetry = stuck.includes(row.state) || row.state === "waiting";
  const canDiscard = stuck.includes(row.state) || (canEdit(row.state) && row.attempt === 0);
  if (!canRetry && !canDiscard && !mend) return null;
  return (
    <div className={classes.decide}>
      <div className={classes.acts}>
        {mend && (
          <Button component={Link} to={mend} size="compact-sm" variant={needsPerson ? "filled" : "default"}>
            {!needsPerson ? t("decide.edit") : behind > 0 ? t("decide.mendAnd", { count: behind }) : t("decide.mend")}
          </Button>
        )}
        {canRetry && (
          <Button size="compact-sm" variant={needsPerson && !mend ? "filled" : "default"} onClick={() => retry.mutate()} aria-disabled={retry.isPending}>
            {t("decide.retry")}
          </Button>
        )}
        {canDiscard && (
          <Button size="compact-sm" variant="default" onClick={() => setDiscarding(true)}>
            {t("decide.discard")}
          </Button>
        )}
      </div>
      {retry.error && (
        <p role="alert" className={classes.error}>
          {messageOf(t, retry.error)}
        </p>
      )}
      <Discard row={row} opened={discarding} onClose={() => setDiscarding(false)} />
    </div>
  );
}

function Discard({ row, opened, onClose }: { row: ActionRow; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const words = useActionWords()(row);
  const [reason, setReason] = useState("");
  const [asked, setAsked] = useState(false);
  const discard = useMutation({ mutationFn: () => bridge.discard(row.id, reason.trim()), onSuccess: onClose });

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (reason.trim() !== "" && !discard.isPending) discard.mutate();
  }

  return (
    <Dialog opened={opened} onClose={onClose} title={t("decide.discardTitle", { title: words.what, name: words.who })}>
      <form noValidate onSubmit={submit}>
        <p>{t("decide.discardBody")}</p>
        <TextInput
          mt="md"
          label={t("decide.reason")}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
          error={asked && reason.trim() === "" ? t("decide.reasonMissing") : undefined}
          data-autofocus
        />
        {discard.error && (
          <p role="alert" className={classes.error}>
            {messageOf(t, discard.error)}
          </p>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button type="button" variant="default" onClick={onClose}>
            {t("decide.keep")}
          </Button>
          <Button type="submit">{t("decide.discard")}</Button>
        </Group>
      </form>
    </Dialog>
  );
}
