import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { VersionDTO } from "~/bridge/dto-version";
import { useBridge } from "~/bridge/provider";
import { useStatus } from "~/bridge/queries";
import { messageOf } from "~/components/explain";
import classes from "~/components/notice.module.css";
import { Panel } from "~/ui/panel";

/** A version that there is something to say of. */
type Told = VersionDTO & { state: "available" | "refused" | "installing" | "installed" };

/** Whether there is something to say. */
export function isTold(version: VersionDTO | undefined): version is Told {
  return version !== undefined && version.state !== "off" && version.state !== "current";
}

/** Tells of a new version where somebody can do something about it. */
export function NewVersion() {
  const version = useStatus().data?.version;
  if (!isTold(version) || version.state === "refused") return null;
  return <VersionPanel version={version} />;
}

/** A new version: what is new, and what becomes of it. */
export function VersionPanel({ version }: { version: Told }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const install = useMutation({ mutationFn: () => bridge.installVersion() });
  return (
    <Panel title={t(`version.${version.state}`, { version: version.version })}>
      <p className={classes.text}>{sentence()}</p>
      {version.state === "available" && version.installable && (
        <div className={classes.acts}>
          <Button onClick={() => install.mutate()} aria-disabled={install.isPending}>
            {t("version.install")}
          </Button>
        </div>
      )}
      <p role="alert" className={classes.error}>
        {install.error ? messageOf(t, install.error) : version.failure && t("version.failed", { reason: version.failure })}
      </p>
    </Panel>
  );

  function sentence() {
    switch (version.state) {
      case "available":
        return version.installable ? t("version.kept") : t("version.elsewhere");
      case "installing":
        return t("version.going", { percent: version.percent });
      case "installed":
        return t("version.restart");
      case "refused":
        return version.reason;
    }
  }
}
