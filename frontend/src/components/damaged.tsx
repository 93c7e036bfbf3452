import { Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { useStatus } from "~/bridge/queries";
import { Dialog } from "~/components/dialog";
import { messageOf } from "~/components/explain";
import classes from "~/components/notice.module.css";
import { useToast } from "~/components/toasts";
import { Panel } from "~/ui/panel";

/** Tells that the journal is not as FieldPay left it, where that is so. */
export function Damaged() {
  return useStatus().data?.journalDamaged ? <Salvage /> : null;
}

/** What a person must know of a damaged journal, and the decision to salvage it. */
export function Salvage() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const client = useQueryClient();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const salvage = useMutation({
    mutationFn: () => bridge.salvage(),
    onSuccess: async (done) => {
      setAsking(false);
      toast({ title: t("damaged.done", { rescued: done.rescued, known: done.known }) });
      await client.invalidateQueries();
    },
  });
  return (
    <Panel title={t("damaged.title")} tone="attention">
      <p className={classes.text}>{t("damaged.what")}</p>
      <p className={classes.text}>{t("damaged.first")}</p>
      <div className={classes.acts}>
        <Button onClick={() => setAsking(true)}>{t("damaged.act")}</Button>
      </div>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={t("damaged.ask")}>
        <p>{t("damaged.means")}</p>
        {salvage.error && (
          <p role="alert" className={classes.error}>
            {messageOf(t, salvage.error)}
          </p>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            {t("damaged.wait")}
          </Button>
          <Button onClick={() => salvage.mutate()} aria-disabled={salvage.isPending}>
            {t("damaged.confirm")}
          </Button>
        </Group>
      </Dialog>
    </Panel>
  );
}
