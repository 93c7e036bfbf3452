import { SegmentedControl, Select, Switch, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useBootstrap } from "~/bridge/queries";
import { HandOver } from "~/pages/hand-over";
import { useKeysChoice } from "~/components/keys";
import { LockSettings } from "~/pages/lock-settings";
import { AboutDevice } from "~/components/about-device";
import classes from "~/pages/settings.module.css";
import { keepContrast, readContrast } from "~/theme/contrast";
import { keepLanguage, languages } from "~/locales/i18n";
import { Page } from "~/ui/page";
import { Panel } from "~/ui/panel";

const schemes = ["auto", "light", "dark"] as const;

/** Choices of this screen; they change nothing that is sent. */
export function SettingsPage() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [contrast, setContrast] = useState(readContrast);
  const keys = useKeysChoice();
  const managed = useBootstrap().locale !== "";
  return (
    <Page title={t("nav.settings")} below={t("settings.lead")}>
      <Panel title={t("settings.look")}>
        <div className={classes.stack}>
          <div>
            <p className={classes.label}>{t("settings.scheme")}</p>
            <SegmentedControl
              aria-label={t("settings.scheme")}
              value={colorScheme}
              onChange={(v) => setColorScheme(schemes.find((s) => s === v) ?? "auto")}
              data={schemes.map((s) => ({ value: s, label: t(`settings.${s}`) }))}
            />
          </div>
          <Switch
            label={t("settings.contrast")}
            description={t("settings.contrastHint")}
            checked={contrast === "more"}
            onChange={(e) => setContrast(keepContrast(e.currentTarget.checked ? "more" : "normal"))}
          />
          <Switch
            label={t("settings.keys")}
            description={t("settings.keysHint")}
            checked={keys.single}
            onChange={(e) => keys.choose(e.currentTarget.checked)}
          />
          <Select
            label={t("settings.language")}
            data={languages.map((l) => ({ value: l.code, label: l.name }))}
            value={i18n.language}
            onChange={(code) => code && keepLanguage(code)}
            allowDeselect={false}
            disabled={managed}
            {...(managed ? { description: t("settings.managed") } : {})}
            maw={240}
            comboboxProps={{ withinPortal: false }}
          />
        </div>
      </Panel>
      <LockSettings />
      <AboutDevice />
      <HandOver />
    </Page>
  );
}
