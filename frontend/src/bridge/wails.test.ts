import { afterEach, describe, expect, it, vi } from "vitest";
import { wailsBridge } from "~/bridge/wails";

const person = { id: "usr-001", name: "Demo User", email: "demo@fieldpay.com" };

function hostWith(methods: Record<string, (...args: unknown[]) => Promise<unknown>>) {
  return { go: { app: { Bridge: methods } } };
}

async function refusal(answer: Promise<unknown>) {
  return answer.then(
    () => undefined,
    (e: unknown) => e,
  );
}

describe("the bridge over the bindings", () => {
  afterEach(() => vi.useRealTimers());

  it("hands arguments on as they are and answers what the core answers", async () => {
    const signIn = vi.fn(async () => person);
    const bridge = wailsBridge(hostWith({ SignIn: signIn }));
    expect(await bridge.signIn({ username: "u", password: "p" })).toEqual(person);
    expect(signIn).toHaveBeenCalledWith({ username: "u", password: "p" });
  });

  it("reads an error that crossed as one JSON string", async () => {
    const text = JSON.stringify({ code: "invalid_payload", message: "Look again", hint: "", fields: { amount: "is required" } });
    const bridge = wailsBridge(hostWith({ Retry: () => Promise.reject(new Error(text)) }));
    expect(await refusal(bridge.retry("a"))).toMatchObject({ code: "invalid_payload", message: "Look again", fields: { amount: "is required" } });
  });

  it.each([["a plain error", new Error("boom")], ["a bare string", "boom"]])("keeps the text of %s", async (_, cause) => {
    const bridge = wailsBridge(hostWith({ SyncNow: () => Promise.reject(cause) }));
    expect(await refusal(bridge.syncNow())).toMatchObject({ code: "internal", message: "boom", fields: {} });
  });

  it("settles a call that the core never answers", async () => {
    vi.useFakeTimers();
    const bridge = wailsBridge(hostWith({ Status: () => new Promise(() => undefined) }));
    const answer = refusal(bridge.status());
    await vi.runAllTimersAsync();
    expect(await answer).toMatchObject({ code: "no_answer" });
  });

  it("says that there is no core behind the page", async () => {
    expect(await refusal(wailsBridge({}).status())).toMatchObject({ code: "no_core" });
  });

  it("names the fields of an answer that it cannot read, never their values", async () => {
    const bridge = wailsBridge(hostWith({ SignIn: async () => ({ ...person, email: 7 }) }));
    const error = await refusal(bridge.signIn({ username: "u", password: "p" }));
    expect(error).toMatchObject({ code: "answer_unreadable", message: "SignIn: email" });
  });

  it("passes on the topics it knows, until told to stop", () => {
    const heard: string[] = [];
    let tell: (topic: unknown) => void = () => undefined;
    const runtime = {
      EventsOn: (name: string, listener: (topic: unknown) => void) => {
        expect(name).toBe("fieldpay:changed");
        tell = listener;
        return () => {
          tell = () => undefined;
        };
      },
    };
    const stop = wailsBridge({ runtime }).subscribe((topic) => heard.push(topic));
    tell("outbox");
    tell("weather");
    stop();
    tell("status");
    expect(heard).toEqual(["outbox"]);
  });
});
