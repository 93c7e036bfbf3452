import { Outlet } from "react-router";
import { useStatus } from "~/bridge/queries";
import { QueryView } from "~/components/query-view";
import { SignInPage } from "~/pages/sign-in";

/**
 * Lets people in who are known here. A session that ran out does not shut the
 * door: work goes on and is kept; only nobody at all has to sign in first.
 */
export function Gate() {
  const status = useStatus();
  return (
    <QueryView query={status} isEmpty={(s) => s.person.id === ""} empty={<SignInPage />} rows={0}>
      {() => <Outlet />}
    </QueryView>
  );
}
