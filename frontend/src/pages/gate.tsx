import { useEffect } from "react";
import { Outlet } from "react-router";
import type { DoorDTO } from "~/bridge/dto-door";
import { BridgeError } from "~/bridge/error";
import { useBootstrap, useDoor, useStatus } from "~/bridge/queries";
import { Salvage } from "~/components/damaged";
import { DraftsProvider } from "~/components/drafts";
import { IdleLock } from "~/components/idle-lock";
import { KeypadDock } from "~/components/keypad-dock";
import { KioskGuard } from "~/components/kiosk-guard";
import { QueryView } from "~/components/query-view";
import { speakAs } from "~/locales/i18n";
import classes from "~/pages/gate.module.css";
import { LockPage } from "~/pages/lock";
import { PinPage } from "~/pages/pin";
import { SignInPage } from "~/pages/sign-in";

/**
 * Lets people in who are known here. A session that ran out does not shut the
 * door: work goes on and is kept; only nobody at all has to sign in first, and a
 * locked screen wants a PIN. A journal that cannot be opened is all that there is
 * to see then.
 */
export function Gate() {
  const door = useDoor();
  if (!door.data && door.error && BridgeError.from(door.error).code === "journal_damaged") return <Salvage />;
  return (
    <QueryView query={door} isEmpty={() => false} empty={null} rows={0}>
      {(door) => (
        <>
          <CompanyLanguage />
          {door.kiosk && <KioskGuard />}
          <div className={classes.frame}>
            <div className={classes.inside}>
              {door.locked ? <LockPage door={door} /> : <Inside door={door} />}
            </div>
            {door.kiosk && <KeypadDock />}
          </div>
        </>
      )}
    </QueryView>
  );
}

/** What is behind the door, drawn anew for each person. */
function Inside({ door }: { door: DoorDTO }) {
  const status = useStatus();
  return (
    <QueryView query={status} isEmpty={(s) => s.person.id === ""} empty={<SignInPage />} rows={0}>
      {(s) => (
        <DraftsProvider key={s.person.id}>
          {door.pinNeeded ? <PinPage door={door} /> : <Outlet />}
          {door.idleSeconds > 0 && <IdleLock seconds={door.idleSeconds} />}
        </DraftsProvider>
      )}
    </QueryView>
  );
}

/** Speaks the language that the company has settled. */
function CompanyLanguage() {
  const { locale } = useBootstrap();
  useEffect(() => speakAs(locale), [locale]);
  return null;
}
