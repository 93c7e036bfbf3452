import { useEffect, useRef } from "react";
import { writeField } from "~/components/keypad-dock";
import { SCAN_GAP_MS, ScanReader } from "~/util/scan";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** What a field held before a burst of keys went into it. */
export interface Typed {
  /** Takes the burst out of the field again. */
  undo: () => void;
}

const nothingTyped: Typed = { undo: () => undefined };

function fieldOf(target: EventTarget | null): Field | null {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
}

/**
 * Listens for a scanner wherever the focus is. Outside of fields its letters are
 * held back until it is clear that nobody pressed a shortcut; inside they go into
 * the field, and `takes` says whether a burst that ends there is a scan.
 */
export function useScanner(o: { takes: (code: string, field: Field) => boolean; onScan: (code: string, typed: Typed) => void }) {
  const latest = useRef(o);
  useEffect(() => {
    latest.current = o;
  });
  useEffect(() => {
    const listener = new Listener(
      (code, field) => latest.current.takes(code, field),
      (code, typed) => latest.current.onScan(code, typed),
    );
    return listener.start();
  }, []);
}

/** The keys of one window. */
class Listener {
  private readonly reader = new ScanReader();
  private before: { field: Field; value: string } | null = null;
  private held: KeyboardEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private passing = false;

  constructor(
    private readonly takes: (code: string, field: Field) => boolean,
    private readonly onScan: (code: string, typed: Typed) => void,
  ) {}

  start(): () => void {
    window.addEventListener("keydown", this.onKey, { capture: true });
    return () => {
      window.removeEventListener("keydown", this.onKey, { capture: true });
      clearTimeout(this.timer);
    };
  }

  private readonly onKey = (event: KeyboardEvent) => {
    if (this.passing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const code = this.reader.read(event.key, event.timeStamp);
    const field = fieldOf(event.target);
    if (field) this.inField(event, field, code);
    else this.outside(event, code);
  };

  private inField(event: KeyboardEvent, field: Field, code: string | null) {
    this.pass();
    if (this.reader.begun) this.before = { field, value: field.value };
    if (code === null || !this.takes(code, field)) return;
    stop(event);
    const { before } = this;
    const undo = () => before?.field === field && field.isConnected && writeField(field, before.value);
    this.onScan(code, { undo: () => void undo() });
  }

  private outside(event: KeyboardEvent, code: string | null) {
    if (code !== null) {
      stop(event);
      this.held = [];
      this.onScan(code, nothingTyped);
      return;
    }
    // Space presses what has the focus, at once.
    if (event.key.length !== 1 || event.key === " ") {
      if (event.key !== "Shift") this.pass();
      return;
    }
    stop(event);
    if (this.reader.begun) this.pass();
    this.held.push(event);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pass(), SCAN_GAP_MS + 10);
  }

  /** Lets the keys on that were no scan. */
  private pass() {
    clearTimeout(this.timer);
    const keys = this.held;
    this.held = [];
    this.passing = true;
    for (const k of keys) {
      const { key, code, shiftKey } = k;
      (document.activeElement ?? document.body).dispatchEvent(
        new KeyboardEvent("keydown", { key, code, shiftKey, bubbles: true, cancelable: true }),
      );
    }
    this.passing = false;
  }
}

function stop(event: KeyboardEvent) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
