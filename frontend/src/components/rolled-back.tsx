import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { useStatus } from "~/bridge/queries";
import { Dialog } from "~/components/dialog";
import { messageOf } from "~/components/explain";
import classes from "~/components/notice.module.css";
import { Panel } from "~/ui/panel";

/** What a person must know of a journal that the server refuses as an older copy, and the decision to go on with it. */
export function RolledBack() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [asking, setAsking] = useState(false);
  const goOn = useMutation({ mutationFn: () => bridge.goOn(), onSuccess: () => setAsking(false) });
  if (useStatus().data?.connection.code !== "journal_rolled_back") return null;
  return (
    <Panel title={t("rolledBack.title")} tone="attention">
      <p className={classes.text}>{t("rolledBack.what")}</p>
      <p className={classes.text}>{t("rolledBack.first")}</p>
      <div className={classes.acts}>
        <Button onClick={() => setAsking(true)}>{t("rolledBack.act")}</Button>
      </div>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={t("rolledBack.ask")}>
        <p>{t("rolledBack.means")}</p>
        {goOn.error && (
          <p role="alert" className={classes.error}>
            {messageOf(t, goOn.error)}
          </p>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
            {t("rolledBack.wait")}
          </Button>
          <Button onClick={() => goOn.mutate()} aria-disabled={goOn.isPending}>
            {t("rolledBack.confirm")}
          </Button>
        </Group>
      </Dialog>
    </Panel>
  );
}
