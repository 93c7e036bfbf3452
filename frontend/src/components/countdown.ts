import { useEffect, useState } from "react";

/** Counts seconds down to 0; a new number begins anew. */
export function useCountdown(seconds: number): number {
  const [end, setEnd] = useState({ seconds, at: Date.now() + seconds * 1000 });
  const [now, setNow] = useState(() => Date.now());
  if (end.seconds !== seconds) {
    setEnd({ seconds, at: Date.now() + seconds * 1000 });
    setNow(Date.now());
  }
  const left = Math.max(0, Math.ceil((end.at - now) / 1000));
  useEffect(() => {
    if (left === 0) return;
    const tick = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(tick);
  }, [left]);
  return left;
}
