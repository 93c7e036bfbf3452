import { Button, Group, NativeSelect, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDoor } from "~/bridge/queries";
import { useCountdown } from "~/components/countdown";
import { Dialog } from "~/components/dialog";
import { messageOf } from "~/components/explain";
import classes from "~/components/manager-pin.module.css";

/** Asks for a manager's word; it works without a network. */
export function ManagerPin(props: {
  opened: boolean;
  title: string;
  body: string;
  act: string;
  run: (form: { personId: string; pin: string }) => Promise<void>;
  onClose: () => void;
}) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={props.title}>
      <p className={classes.body}>{props.body}</p>
      <Asking {...props} />
    </Dialog>
  );
}

function Asking({ act, run, onClose }: { act: string; run: (form: { personId: string; pin: string }) => Promise<void>; onClose: () => void }) {
  const { t } = useTranslation();
  const door = useDoor();
  const managers = door.data?.people.filter((p) => p.manager && p.pin) ?? [];
  const [chosen, setChosen] = useState("");
  const manager = managers.find((m) => m.id === chosen) ?? managers[0];
  const [pin, setPin] = useState("");
  const wait = useCountdown(manager?.waitSeconds ?? 0);
  const ask = useMutation({
    mutationFn: () => run({ personId: manager?.id ?? "", pin }),
    onSuccess: onClose,
    onError: () => {
      setPin("");
      void door.refetch();
    },
  });
  if (!manager) return <p role="alert">{t("manager.none")}</p>;

  function send() {
    if (pin !== "" && wait === 0 && !ask.isPending) ask.mutate();
  }

  // No form of its own, because it stands inside one; that one is not meant here.
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "Escape") event.stopPropagation();
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    send();
  }

  return (
    <div role="group" aria-label={t("manager.form")} onKeyDown={onKeyDown} className={classes.form}>
      <NativeSelect
        label={t("manager.who")}
        data={managers.map((m) => ({ value: m.id, label: m.name }))}
        value={manager.id}
        onChange={(e) => setChosen(e.currentTarget.value)}
      />
      <PasswordInput
        label={t("manager.pin")}
        value={pin}
        onChange={(e) => setPin(e.currentTarget.value)}
        inputMode="numeric"
        autoComplete="off"
        maxLength={12}
        data-autofocus
        visibilityToggleButtonProps={{ "aria-label": t("pin.show"), tabIndex: 0 }}
      />
      <div role="alert" className={classes.refusal}>
        {wait > 0 ? t("lock.wait", { count: wait }) : ask.error && messageOf(t, ask.error)}
      </div>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t("close")}
        </Button>
        <Button onClick={send} aria-disabled={wait > 0 || ask.isPending}>
          {act}
        </Button>
      </Group>
    </div>
  );
}
