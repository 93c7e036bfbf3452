import { Tooltip } from "@mantine/core";
import { useFormat } from "~/components/format";
import { exactTime, relativeTime } from "~/util/time";

/** A time as people say it; the exact one shows on hover and focus. */
export function When({ at }: { at: string }) {
  const { locale } = useFormat();
  if (at === "") return null;
  return (
    <Tooltip label={exactTime(at, locale)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at}>{relativeTime(at, locale, new Date())}</time>
    </Tooltip>
  );
}
