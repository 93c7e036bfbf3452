import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import classes from "~/components/sync-now.module.css";
import { useToast } from "~/components/toasts";
import { keepFile } from "~/util/file";

/** Gives the person everything that the journal holds, as a file. */
export function ExportJournal() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const toast = useToast();
  const save = useMutation({
    mutationFn: () => bridge.exportJournal(),
    onSuccess: (file) => {
      keepFile(file);
      toast({ title: t("receipt.saved", { name: file.name }), body: [file.path, t("outbox.exported")].filter((s) => s !== "").join(" ") });
    },
  });
  return (
    <>
      {save.error && (
        <span role="alert" className={classes.error}>
          {messageOf(t, save.error)}
        </span>
      )}
      <Button variant="default" onClick={() => save.mutate()} aria-disabled={save.isPending}>
        {t("outbox.export")}
      </Button>
    </>
  );
}
