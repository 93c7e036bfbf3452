import { Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { DoorDTO } from "~/bridge/dto-door";
import { useBridge } from "~/bridge/provider";
import { useDoor } from "~/bridge/queries";
import { messageOf } from "~/components/explain";
import { QueryView } from "~/components/query-view";
import { useToast } from "~/components/toasts";
import { BadgeSetForm } from "~/forms/badge-set";
import { PinSetForm } from "~/forms/pin-set";
import classes from "~/pages/settings.module.css";
import { Panel } from "~/ui/panel";

const choices = [60, 120, 300, 900, 1800, 3600];

/** How whoever is here locks the screen and comes back. */
export function LockSettings() {
  const { t } = useTranslation();
  return (
    <Panel title={t("settings.lock")}>
      <QueryView query={useDoor()} isEmpty={() => false} empty={null}>
        {(door) => <Choices door={door} />}
      </QueryView>
    </Panel>
  );
}

function Choices({ door }: { door: DoorDTO }) {
  const { t } = useTranslation();
  const toast = useToast();
  const me = door.people.find((p) => p.here);
  return (
    <div className={classes.stack}>
      <p>{me?.pin ? t("settings.pinThere") : t("settings.pinNone")}</p>
      <IdleSelect door={door} />
      <div className={classes.form}>
        <PinSetForm door={door} onDone={() => toast({ title: t("pin.done") })} />
      </div>
      {me?.pin && (
        <div className={classes.form}>
          <BadgeSetForm has={me.badge} onDone={() => toast({ title: t("badge.done") })} />
        </div>
      )}
    </div>
  );
}

function IdleSelect({ door }: { door: DoorDTO }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const choose = useMutation({ mutationFn: (seconds: number) => bridge.setIdleLock(seconds) });
  const seconds = [...new Set([...choices, door.idleChoice])].sort((a, b) => a - b);
  return (
    <Select
      label={t("settings.idle")}
      data={seconds.map((s) => ({ value: String(s), label: s % 60 === 0 ? t("settings.minutes", { count: s / 60 }) : t("settings.seconds", { count: s }) }))}
      value={String(door.idleChoice)}
      onChange={(v) => v && choose.mutate(Number(v))}
      allowDeselect={false}
      disabled={door.idleManaged}
      {...(door.idleManaged ? { description: t("settings.managed") } : {})}
      error={choose.error ? messageOf(t, choose.error) : undefined}
      maw={240}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
