import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DoorPersonDTO } from "~/bridge/dto-door";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import { useCountdown } from "~/components/countdown";
import classes from "~/forms/sign-in.module.css";

/** A person's PIN. Nothing is lost by a wrong one; several make the next wait longer. */
export function UnlockForm({ person, onRefused }: { person: DoorPersonDTO; onRefused: () => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [pin, setPin] = useState("");
  const wait = useCountdown(person.waitSeconds);
  const unlock = useMutation({
    mutationFn: () => bridge.unlock({ personId: person.id, pin }),
    onError: () => {
      setPin("");
      onRefused();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (pin !== "" && wait === 0 && !unlock.isPending) unlock.mutate();
  }

  return (
    <form noValidate aria-label={t("lock.form", { name: person.name })} onSubmit={submit} className={classes.form}>
      <PasswordInput
        label={t("lock.pin", { name: person.name })}
        value={pin}
        onChange={(e) => setPin(e.currentTarget.value)}
        inputMode="numeric"
        autoComplete="off"
        maxLength={12}
        autoFocus
        visibilityToggleButtonProps={{ "aria-label": t("pin.show"), tabIndex: 0 }}
      />
      <div role="alert" className={classes.refusal}>
        {wait > 0 ? t("lock.wait", { count: wait }) : unlock.error && messageOf(t, unlock.error)}
      </div>
      <Button type="submit" fullWidth aria-disabled={unlock.isPending || wait > 0}>
        {unlock.isPending ? t("lock.opening") : t("lock.open")}
      </Button>
    </form>
  );
}
