import { Button, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DoorDTO } from "~/bridge/dto-door";
import { BridgeError } from "~/bridge/error";
import { useBridge } from "~/bridge/provider";
import { fieldMessage, messageOf } from "~/components/explain";
import classes from "~/forms/sign-in.module.css";

const empty = { before: "", pin: "", again: "" };

/** A PIN for whoever is here. The one before is asked for, unless the password was just given. */
export function PinSetForm({ door, onDone }: { door: DoorDTO; onDone: () => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [typed, setTyped] = useState(empty);
  const [asked, setAsked] = useState(false);
  const asksBefore = !door.proved && door.people.some((p) => p.here && p.pin);
  const set = useMutation({
    mutationFn: () => bridge.setPin({ before: typed.before, pin: typed.pin }),
    onSuccess: () => {
      setTyped(empty);
      setAsked(false);
      onDone();
    },
  });
  const refused = set.error ? BridgeError.from(set.error).fields.pin : undefined;
  const differs = asked && typed.pin !== typed.again;

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (typed.pin === typed.again && typed.pin !== "" && !set.isPending) set.mutate();
  }

  const field = (name: keyof typeof empty) => ({
    label: t(`pin.${name}`),
    value: typed[name],
    onChange: (e: { currentTarget: { value: string } }) => {
      setTyped({ ...typed, [name]: e.currentTarget.value });
      if (set.isError) set.reset();
    },
    inputMode: "numeric" as const,
    autoComplete: "off",
    maxLength: door.maxPin,
    visibilityToggleButtonProps: { "aria-label": t("pin.show"), tabIndex: 0 },
  });
  return (
    <form noValidate aria-label={t("pin.title")} onSubmit={submit} className={classes.form}>
      {asksBefore && <PasswordInput {...field("before")} />}
      <PasswordInput
        {...field("pin")}
        description={t("pin.rule", { min: door.minPin, max: door.maxPin })}
        error={refused !== undefined ? fieldMessage(t, refused) : asked && typed.pin === "" ? t("pin.missing") : undefined}
        autoFocus={door.pinNeeded}
      />
      <PasswordInput {...field("again")} error={differs ? t("pin.differs") : undefined} />
      <div role="alert" className={classes.refusal}>
        {set.error && refused === undefined && messageOf(t, set.error)}
      </div>
      <Button type="submit" aria-disabled={set.isPending}>
        {t("pin.set")}
      </Button>
    </form>
  );
}
