import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import type { ReceiptDTO } from "~/bridge/dto-pay";
import { useBridge } from "~/bridge/provider";
import { useReceipt } from "~/bridge/queries";
import { messageOf } from "~/components/explain";
import { QueryView } from "~/components/query-view";
import { ReceiptSheet, useReceiptPage } from "~/components/receipt";
import { useToast } from "~/components/toasts";
import classes from "~/pages/receipt.module.css";
import { Page } from "~/ui/page";
import { keepFile } from "~/util/file";

/** The receipt of a payment or an invoice: to show, to print, to keep. */
export function ReceiptPageView() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const receipt = useReceipt(id);
  return (
    <Page
      title={t("receipt.one")}
      above={<Link to={`/outbox/${id}`}>{t("action.one")}</Link>}
      actions={receipt.data && <Acts receipt={receipt.data} />}
    >
      <QueryView query={receipt} isEmpty={() => false} empty={null} rows={8}>
        {(r) => <Sheet receipt={r} />}
      </QueryView>
    </Page>
  );
}

function Sheet({ receipt }: { receipt: ReceiptDTO }) {
  return <ReceiptSheet page={useReceiptPage()(receipt)} />;
}

function Acts({ receipt }: { receipt: ReceiptDTO }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const toast = useToast();
  const page = useReceiptPage()(receipt);
  const save = useMutation({
    mutationFn: () => bridge.saveReceipt(page),
    onSuccess: (file) => {
      keepFile(file);
      toast({ title: t("receipt.saved", { name: file.name }), body: file.path === "" ? t("receipt.inDownloads") : file.path });
    },
  });
  return (
    <div className={classes.acts}>
      <Button variant="default" onClick={() => window.print()}>
        {t("receipt.print")}
      </Button>
      <Button onClick={() => save.mutate()} aria-disabled={save.isPending}>
        {t("receipt.pdf")}
      </Button>
      {save.error && (
        <p role="alert" className={classes.error}>
          {messageOf(t, save.error)}
        </p>
      )}
    </div>
  );
}
