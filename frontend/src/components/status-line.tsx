import { Button, Menu, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconClock, IconLock, IconLogout } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { ConnectionDTO, StatusDTO } from "~/bridge/dto";
import { useStatus } from "~/bridge/queries";
import { reasonOf } from "~/components/explain";
import { useFormat } from "~/components/format";
import { useLockNow } from "~/components/lock-now";
import { Money } from "~/components/money";
import { SignOut } from "~/components/sign-out";
import classes from "~/components/status-line.module.css";
import { exactTime, sinceTime } from "~/util/time";

/** Always on screen: the way to the server, what is unsent, who is here. */
export function StatusLine() {
  const { t } = useTranslation();
  const status = useStatus();
  return (
    <div className={classes.line} role="region" aria-label={t("statusLine.label")}>
      {status.data ? (
        <>
          <Connection connection={status.data.connection} />
          <Unsent status={status.data} />
          <Person status={status.data} />
        </>
      ) : (
        <span className={classes.quiet}>{status.error ? t("statusLine.unknown") : t("loading")}</span>
      )}
    </div>
  );
}

/** The word for the way to the server. */
export function useConnectionWord(): (connection: ConnectionDTO) => string {
  const { t } = useTranslation();
  return (c) => {
    if (c.code === "revoked") return t("connection.revoked");
    if (c.code === "journal_rolled_back") return t("connection.rolledBack");
    if (c.code === "update_needed") return t("connection.update");
    if (c.state !== "degraded") return t(`connection.${c.state}`);
    return c.down.includes("stripe") && !c.down.includes("salesforce") ? t("connection.stripe") : t("connection.salesforce");
  };
}

function Connection({ connection }: { connection: ConnectionDTO }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const wordOf = useConnectionWord();
  const reason = connection.state === "online" ? "" : reasonOf(t, connection.code, connection.reason);
  const since = t("connection.since", { time: sinceTime(connection.since, locale, new Date()) });
  return (
    <div className={classes.connection} role="status" aria-live="polite">
      <span className={classes.mark} data-state={connection.state} aria-hidden="true" />
      <span className={classes.word}>{wordOf(connection)}</span>
      {connection.since !== "" && (
        <Tooltip label={exactTime(connection.since, locale)}>
          <span className={classes.since}>{since}</span>
        </Tooltip>
      )}
      {reason !== "" && (
        <Tooltip label={reason} multiline maw={360}>
          <span className={classes.reason}>{reason}</span>
        </Tooltip>
      )}
      {connection.state === "signed-out" && (
        <Button component={Link} to="/sign-in" size="compact-xs" variant="default">
          {t("signIn.act")}
        </Button>
      )}
    </div>
  );
}

function Unsent({ status }: { status: StatusDTO }) {
  const { t } = useTranslation();
  const { unsent } = status;
  return (
    <Link to="/outbox" className={classes.unsent}>
      {status.draining && status.total > 0 ? (
        <>
          <progress className={classes.progress} value={status.done} max={status.total} aria-label={t("statusLine.sending")} />
          <span>{t("statusLine.progress", { done: status.done, total: status.total })}</span>
        </>
      ) : (
        <UnsentCount status={status} />
      )}
      {unsent.payments.map((p) => (
        <span key={p.currency} className={classes.value}>
          <Money {...p} />
        </span>
      ))}
      {status.needsYou > 0 && <span className={classes.needs}>{t("statusLine.needsYou", { count: status.needsYou })}</span>}
    </Link>
  );
}

/** The number of what is unsent; from the first level on it is marked, and says since when. */
function UnsentCount({ status: { unsent, overdue } }: { status: StatusDTO }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const words = t("statusLine.unsent", { count: unsent.count });
  if (overdue.level === "") return <span className={unsent.count === 0 ? classes.quiet : undefined}>{words}</span>;
  return (
    <span className={classes.overdue}>
      <IconClock size={14} stroke={1.8} aria-hidden="true" />
      {words} {t("connection.since", { time: sinceTime(overdue.since, locale, new Date()) })}
    </span>
  );
}

function Person({ status }: { status: StatusDTO }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const lock = useLockNow();
  return (
    <SignOut unsent={status.unsent.count}>
      {(signOut) => (
        <Menu position="bottom-end" withinPortal={false}>
          <Menu.Target>
            <UnstyledButton className={classes.person} aria-label={status.person.name || status.person.email}>
              <span className={classes.name}>{status.person.name || status.person.email}</span>
              <IconChevronDown size={14} aria-hidden="true" />
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{status.person.email}</Menu.Label>
            <Menu.Item onClick={() => void navigate("/settings")}>{t("nav.settings")}</Menu.Item>
            <Menu.Item onClick={() => void navigate("/diagnostics")}>{t("nav.diagnostics")}</Menu.Item>
            <Menu.Divider />
            {lock && (
              <Menu.Item leftSection={<IconLock size={15} aria-hidden="true" />} onClick={lock}>
                {t("lock.act")}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconLogout size={15} aria-hidden="true" />} onClick={signOut}>
              {t("signOut.act")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </SignOut>
  );
}
