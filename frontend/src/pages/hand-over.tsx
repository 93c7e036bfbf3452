import { Button, FileButton } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { BridgeError } from "~/bridge/error";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import classes from "~/pages/settings.module.css";
import { Panel } from "~/ui/panel";
import { base64Of, keepFile } from "~/util/file";

/** Takes unsent work off a device that cannot send it, or brings that of another. */
export function HandOver() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const seal = useMutation({ mutationFn: () => bridge.sealUnsent(), onSuccess: ({ file }) => keepFile(file) });
  const take = useMutation({
    mutationFn: async (file: File) => bridge.takeFile(await base64Of(file)),
    onSuccess: ({ receipt }) => receipt.name !== "" && keepFile(receipt),
  });
  const said = seal.error ? whySeal(t, seal.error) : take.error ? whyTake(t, take.error) : "";
  return (
    <Panel title={t("handOver.title")}>
      <div className={classes.stack}>
        <p>{t("handOver.lead")}</p>
        <div className={classes.acts}>
          <Button variant="default" onClick={() => seal.mutate()} loading={seal.isPending}>
            {t("handOver.seal")}
          </Button>
          <FileButton onChange={(file) => file && take.mutate(file)} inputProps={{ "aria-label": t("handOver.take") }}>
            {(props) => (
              <Button variant="default" {...props} loading={take.isPending}>
                {t("handOver.take")}
              </Button>
            )}
          </FileButton>
        </div>
        <p role="status">
          {seal.data && t("handOver.sealed", { count: seal.data.actions, name: seal.data.file.path || seal.data.file.name })}
          {seal.data?.more === true && ` ${t("handOver.more")}`}
          {take.data &&
            (take.data.receipt.name === ""
              ? t("handOver.noted", { count: take.data.taken })
              : t("handOver.brought", { taken: take.data.taken, count: take.data.actions, name: take.data.receipt.path || take.data.receipt.name }))}
        </p>
        {said !== "" && <p role="alert">{said}</p>}
      </div>
    </Panel>
  );
}

function whySeal(t: TFunction, cause: unknown): string {
  return BridgeError.from(cause).code === "not_possible" ? t("handOver.cannotSeal") : messageOf(t, cause);
}

function whyTake(t: TFunction, cause: unknown): string {
  return ["bad_request", "invalid_payload"].includes(BridgeError.from(cause).code) ? t("handOver.cannotTake") : messageOf(t, cause);
}
