import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import { useBootstrap, useStatus } from "~/bridge/queries";
import { messageOf } from "~/components/explain";
import { isTold, VersionPanel } from "~/components/new-version";
import classes from "~/components/notice.module.css";
import { When } from "~/components/when";
import { Panel } from "~/ui/panel";

/** How the server knows this device, and which version runs. */
export function AboutDevice() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { version, enrolment } = useBootstrap();
  const known = useStatus().data?.version;
  const check = useMutation({ mutationFn: () => bridge.checkVersion() });
  return (
    <>
      <Panel title={t("device.title")}>
        <p className={classes.text}>
          {enrolment.name === "" ? t("device.bySignIn") : t("device.enrolled", { name: enrolment.name })}{" "}
          {enrolment.at !== "" && <When at={enrolment.at} />}
        </p>
        <p className={classes.text}>{t("device.version", { version })}</p>
        {known && known.state !== "off" && (
          <div className={classes.acts}>
            <Button variant="default" onClick={() => check.mutate()} aria-disabled={check.isPending}>
              {t("device.check")}
            </Button>
            <span role="status">{known.state === "current" && known.checkedAt !== "" ? t("device.current") : ""}</span>
          </div>
        )}
        <p role="alert" className={classes.error}>
          {check.error && messageOf(t, check.error)}
        </p>
      </Panel>
      {isTold(known) && <VersionPanel version={known} />}
    </>
  );
}
