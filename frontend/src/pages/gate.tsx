import { useEffect } from "react";
import { Outlet } from "react-router";
import { useBootstrap, useStatus } from "~/bridge/queries";
import { DraftsProvider } from "~/components/drafts";
import { QueryView } from "~/components/query-view";
import { speakAs } from "~/locales/i18n";
import { SignInPage } from "~/pages/sign-in";

/**
 * Lets people in who are known here. A session that ran out does not shut the
 * door: work goes on and is kept; only nobody at all has to sign in first.
 */
export function Gate() {
  const status = useStatus();
  return (
    <QueryView
      query={status}
      isEmpty={(s) => s.person.id === ""}
      empty={
        <>
          <CompanyLanguage />
          <SignInPage />
        </>
      }
      rows={0}
    >
      {(s) => (
        <DraftsProvider key={s.person.id}>
          <CompanyLanguage />
          <Outlet />
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
