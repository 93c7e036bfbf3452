import { Tooltip } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { useStatus } from "~/bridge/queries";
import { useSingleKeys } from "~/components/keys";
import { Palette } from "~/components/palette";
import { actAddress, acts, places, tools } from "~/components/places";
import classes from "~/components/shell.module.css";
import { Scanner } from "~/components/scanner";
import { ShortcutList } from "~/components/shortcut-list";
import { StatusLine } from "~/components/status-line";
import { ToastRegion } from "~/components/toasts";

/** The frame of every screen: rail, status line, page, toasts. */
export function Shell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [listing, setListing] = useState(false);
  const status = useStatus();
  const go = (to: string) => () => void navigate(to);
  useSingleKeys([
    ...places.map((p, n): [string, () => void] => [String(n + 1), go(p.to)]),
    ...acts.map((a): [string, () => void] => [a.letter, go(actAddress(a, pathname))]),
    ["shift+?", () => setListing(true)],
  ]);

  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip} onClick={skipToMain}>
        {t("nav.skip")}
      </a>
      <nav className={classes.rail} aria-label={t("nav.label")}>
        <div className={classes.brand} aria-hidden="true">
          <span className={classes.brandMark}>F</span>
          <span className={classes.label}>FieldPay</span>
        </div>
        {places.map((p) => (
          <Place key={p.to} to={p.to} icon={p.icon} label={t(`nav.${p.key}`)} count={p.key === "outbox" ? (status.data?.unsent.count ?? 0) : 0} />
        ))}
        <div className={classes.gap} />
        {tools.map((p) => (
          <Place key={p.to} to={p.to} icon={p.icon} label={t(`nav.${p.key}`)} count={0} />
        ))}
      </nav>
      <div className={classes.column}>
        <StatusLine />
        <main id="main" tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
      </div>
      <ToastRegion />
      <Palette />
      <Scanner />
      <ShortcutList opened={listing} onClose={() => setListing(false)} />
    </div>
  );
}

/** Hash routes own the address, so the skip link moves the focus itself. */
function skipToMain(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Place(props: { to: string; icon: TablerIcon; label: string; count: number }) {
  const { t } = useTranslation();
  const Icon = props.icon;
  return (
    <Tooltip label={props.label} position="right" openDelay={500}>
      <NavLink to={props.to} end={props.to === "/"} className={classes.place}>
        <Icon size={18} stroke={1.6} aria-hidden="true" />
        <span className={classes.label}>{props.label}</span>
        {props.count > 0 && (
          <span className={classes.count}>
            {props.count}
            <span className={classes.hidden}> {t("nav.unsent")}</span>
          </span>
        )}
      </NavLink>
    </Tooltip>
  );
}
