import { Switch } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { actionStates, type DiagnosticsDTO } from "~/bridge/dto";
import { useBridge } from "~/bridge/provider";
import { useDiagnostics } from "~/bridge/queries";
import { messageOf, reasonOf } from "~/components/explain";
import { useFormat } from "~/components/format";
import { QueryView } from "~/components/query-view";
import { Damaged } from "~/components/damaged";
import { DiskLow } from "~/components/disk-low";
import { RolledBack } from "~/components/rolled-back";
import { useConnectionWord } from "~/components/status-line";
import { SyncNow } from "~/components/sync-now";
import { When } from "~/components/when";
import { ConnectionStrip } from "~/pages/diagnostics-connections";
import { SupportBundle } from "~/pages/diagnostics-bundle";
import { DiagnosticEvents } from "~/pages/diagnostics-events";
import classes from "~/pages/diagnostics.module.css";
import { KioskState } from "~/pages/kiosk-state";
import { Page } from "~/ui/page";
import { Facts, Panel } from "~/ui/panel";
import { sinceTime } from "~/util/time";

/** What support asks for: version, network, last sync, counts, recent events. */
export function DiagnosticsPage() {
  const { t } = useTranslation();
  const diagnostics = useDiagnostics();
  return (
    <Page title={t("nav.diagnostics")} below={t("diagnostics.lead")} actions={<SyncNow />}>
      <Damaged />
      <RolledBack />
      <DiskLow />
      <QueryView query={diagnostics} isEmpty={() => false} empty={null} rows={8}>
        {(d) => (
          <div className={classes.columns}>
            <Network diagnostics={d} />
            <Program diagnostics={d} />
            <Journal diagnostics={d} />
            <KioskState />
            <ConnectionStrip stretches={d.connections} />
            <SupportBundle />
            <DiagnosticEvents events={d.events} />
          </div>
        )}
      </QueryView>
    </Page>
  );
}

function Network({ diagnostics: { connection, lastSyncAt } }: { diagnostics: DiagnosticsDTO }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const wordOf = useConnectionWord();
  const bridge = useBridge();
  const force = useMutation({ mutationFn: (on: boolean) => bridge.forceOffline(on) });
  const reason = connection.state === "online" ? t("none") : reasonOf(t, connection.code, connection.reason);
  return (
    <Panel title={t("diagnostics.network")}>
      <Facts
        items={[
          { name: t("diagnostics.state"), value: wordOf(connection) },
          { name: t("diagnostics.since"), value: sinceTime(connection.since, locale, new Date()) },
          { name: t("diagnostics.reason"), value: reason },
          { name: t("outbox.lastSync"), value: lastSyncAt === "" ? t("outbox.neverSynced") : <When at={lastSyncAt} /> },
        ]}
      />
      <Switch
        mt="md"
        label={t("diagnostics.force")}
        description={t("diagnostics.forceHint")}
        checked={connection.state === "forced-offline"}
        onChange={(e) => force.mutate(e.currentTarget.checked)}
      />
      {force.error && <p role="alert">{messageOf(t, force.error)}</p>}
    </Panel>
  );
}

function Program({ diagnostics: d }: { diagnostics: DiagnosticsDTO }) {
  const { t } = useTranslation();
  const protections = ["keychain", "passphrase", "file"] as const;
  const protection = protections.find((p) => p === d.keyProtection);
  return (
    <Panel title={t("diagnostics.program")}>
      <Facts
        items={[
          { name: t("diagnostics.version"), value: d.version },
          { name: t("diagnostics.environment"), value: d.environment },
          { name: t("diagnostics.server"), value: d.bffUrl },
          { name: t("diagnostics.device"), value: <code>{d.deviceId}</code> },
          { name: t("diagnostics.protection"), value: protection ? t(`diagnostics.key.${protection}`) : d.keyProtection },
        ]}
      />
    </Panel>
  );
}

function Journal({ diagnostics: { counts, journal } }: { diagnostics: DiagnosticsDTO }) {
  const { t } = useTranslation();
  const present = actionStates.filter((s) => (counts[s] ?? 0) > 0);
  return (
    <Panel title={t("diagnostics.queue")}>
      <Facts
        items={[
          ...present.map((s) => ({ name: t(`state.${s}.word`), value: counts[s] })),
          { name: t("diagnostics.entries"), value: journal.entries },
          { name: t("diagnostics.chain"), value: journal.ok ? t("diagnostics.chainOk") : t("diagnostics.chainBroken") },
        ]}
      />
    </Panel>
  );
}
