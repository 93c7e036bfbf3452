import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBridge } from "~/bridge/provider";
import classes from "~/components/idle-lock.module.css";

const signs = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
/** The end of the wait is told beforehand, as long as it takes to read and touch. */
const TOLD_MS = 15_000;

/**
 * Locks the screen when nobody has touched it for a while, and tells it first.
 * Both clocks count, whichever has run further: one of them stands still while
 * the computer sleeps, and the other may be set.
 */
export function IdleLock({ seconds }: { seconds: number }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const touched = useRef({ wall: 0, run: 0 });
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const touch = () => {
      touched.current = { wall: Date.now(), run: performance.now() };
      setLeft(null);
    };
    const look = () => {
      const { wall, run } = touched.current;
      const idle = Math.max(Date.now() - wall, performance.now() - run);
      const rest = seconds * 1000 - idle;
      setLeft(rest <= Math.min(TOLD_MS, seconds * 500) ? Math.max(0, Math.ceil(rest / 1000)) : null);
      // A lock that fails is tried again with the next look.
      if (rest <= 0) void bridge.lock().catch(() => undefined);
    };
    touch();
    const watch = setInterval(look, 1000);
    for (const sign of signs) window.addEventListener(sign, touch, { capture: true, passive: true });
    return () => {
      clearInterval(watch);
      for (const sign of signs) window.removeEventListener(sign, touch, { capture: true });
    };
  }, [bridge, seconds]);
  return (
    <div role="status" className={classes.region}>
      {left !== null && <p className={classes.told}>{t("lock.soon", { count: left })}</p>}
    </div>
  );
}
