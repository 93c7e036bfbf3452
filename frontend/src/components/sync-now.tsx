import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import classes from "~/components/sync-now.module.css";

/** Asks for a run now; a run that cannot start says why. */
export function SyncNow() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const sync = useMutation({ mutationFn: () => bridge.syncNow() });
  return (
    <>
      {sync.error && (
        <span role="alert" className={classes.error}>
          {messageOf(t, sync.error)}
        </span>
      )}
      <Button variant="default" onClick={() => sync.mutate()} aria-disabled={sync.isPending}>
        {sync.isPending ? t("outbox.syncing") : t("outbox.syncNow")}
      </Button>
    </>
  );
}
