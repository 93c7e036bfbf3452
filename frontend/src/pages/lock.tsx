import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DoorDTO } from "~/bridge/dto-door";
import { useBridge } from "~/bridge/provider";
import { useDoor, useForgetAnswers, useStatus } from "~/bridge/queries";
import { messageOf } from "~/components/explain";
import { LeaveKiosk } from "~/components/leave-kiosk";
import { useScanner } from "~/components/scan";
import { useCloseToast } from "~/components/toasts";
import { SignInForm } from "~/forms/sign-in";
import { UnlockForm } from "~/forms/unlock";
import classes from "~/pages/lock.module.css";
import door from "~/pages/sign-in.module.css";

/** The locked screen. It knows who may come in, and nothing of what is inside. */
export function LockPage({ door: state }: { door: DoorDTO }) {
  const { t } = useTranslation();
  const unsent = useStatus().data?.unsent.count ?? 0;
  const [signingIn, setSigningIn] = useState(false);
  const keys = state.people.filter((p) => p.pin || p.badge);
  useDocumentTitle(`${t("lock.title")} · FieldPay`);
  useCleanScreen();
  return (
    <main className={door.page}>
      <div className={door.card}>
        <p className={door.brand}>FieldPay</p>
        <h1 className={door.title}>{t("lock.title")}</h1>
        <p className={door.lead}>{unsent > 0 ? t("lock.kept", { count: unsent }) : t("lock.lead")}</p>
        {signingIn || keys.length === 0 ? <SignInForm username="" onDone={() => undefined} /> : <People door={state} />}
        {keys.length > 0 && (
          <Button variant="subtle" fullWidth mt="sm" onClick={() => setSigningIn(!signingIn)}>
            {signingIn ? t("lock.byPin") : t("lock.byPassword")}
          </Button>
        )}
        {state.leaves && <LeaveKiosk />}
        {state.gaps > 0 && <p className={classes.gap}>{t("kiosk.gaps")}</p>}
      </div>
    </main>
  );
}

/** Nothing of what was open stays behind a locked screen. */
function useCleanScreen() {
  const forget = useForgetAnswers();
  const closeToast = useCloseToast();
  useEffect(() => {
    forget();
    closeToast();
    // Once, when the screen locks: what it asks afterwards may stay.
  }, []);
}

function People({ door: { people, kiosk } }: { door: DoorDTO }) {
  const { t } = useTranslation();
  const refresh = useDoor().refetch;
  const keys = people.filter((p) => p.pin);
  const usual = keys.length === 1 || !kiosk ? (keys.find((p) => p.here) ?? keys[0]) : undefined;
  const [chosen, setChosen] = useState(usual?.id);
  const person = keys.find((p) => p.id === chosen);
  const badge = useBadge();
  return (
    <>
      {keys.length > 1 && (
        <div role="group" aria-label={t("lock.who")} className={classes.people}>
          {keys.map((p) => (
            <Button key={p.id} variant={p.id === chosen ? "filled" : "default"} aria-pressed={p.id === chosen} onClick={() => setChosen(p.id)}>
              {p.name}
            </Button>
          ))}
        </div>
      )}
      {person && <UnlockForm key={person.id} person={person} onRefused={() => void refresh()} />}
      {people.some((p) => p.badge) && <p className={classes.hint}>{t("lock.badge")}</p>}
      <div role="alert" className={classes.refusal}>
        {badge.error && messageOf(t, badge.error)}
      </div>
    </>
  );
}

/** A scanned badge comes in from anywhere; figures in the field of the PIN are a PIN. */
function useBadge() {
  const bridge = useBridge();
  const enter = useMutation({ mutationFn: (code: string) => bridge.unlockByBadge(code) });
  useScanner({
    takes: (code) => !/^\d{1,12}$/.test(code) && /\d/.test(code) && !code.includes("@"),
    onScan: (code, typed) => {
      typed.undo();
      enter.mutate(code);
    },
  });
  return enter;
}
