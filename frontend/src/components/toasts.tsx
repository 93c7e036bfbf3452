import { CloseButton } from "@mantine/core";
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import classes from "~/components/toasts.module.css";

/** Long enough to read and to reach the link. */
const SHOWN_MS = 9_000;

/** Something that happened, and the way to it. */
export interface Toast {
  title: string;
  body?: string;
  link?: { to: string; label: string };
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);
const ShownContext = createContext<{ toast: Toast | null; close: () => void }>({ toast: null, close: () => undefined });

/** Says what happened where the person looks next. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

/** Takes back what is still being said. */
export function useCloseToast(): () => void {
  return useContext(ShownContext).close;
}

/** Keeps the last toast; a new one replaces it. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<Toast | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const close = useCallback(() => setToast(null), []);
  const say = useCallback(
    (next: Toast) => {
      clearTimeout(timer.current);
      setToast(next);
      timer.current = setTimeout(close, SHOWN_MS);
    },
    [close],
  );
  return (
    <ToastContext.Provider value={say}>
      <ShownContext.Provider value={{ toast, close }}>{children}</ShownContext.Provider>
    </ToastContext.Provider>
  );
}

/** Where toasts are read out; stands inside the router for its links. */
export function ToastRegion() {
  const { t } = useTranslation();
  const { toast, close } = useContext(ShownContext);
  return (
    <div role="status" aria-live="polite" className={classes.region}>
      {toast && (
        <div className={classes.toast}>
          <div className={classes.text}>
            <p className={classes.title}>{toast.title}</p>
            {toast.body && <p className={classes.body}>{toast.body}</p>}
          </div>
          {toast.link && (
            <Link to={toast.link.to} className={classes.link} onClick={close}>
              {toast.link.label}
            </Link>
          )}
          <CloseButton size="sm" aria-label={t("close")} onClick={close} />
        </div>
      )}
    </div>
  );
}
