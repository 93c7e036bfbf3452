import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { memoryBridge } from "~/bridge/memory/memory";
import { open } from "~/testing/render";

function offering(installable: boolean) {
  const bridge = memoryBridge({ signedIn: true });
  bridge.core.version = { ...bridge.core.version, state: "available", version: "1.3.0", installable, reason: installable ? "" : "The package manager does" };
  return bridge;
}

describe("a new version", () => {
  it("is told on the first screen and installed at a click", async () => {
    const { user } = open("/", offering(true));
    await user.click(await screen.findByRole("button", { name: "Install now" }));
    expect(await screen.findByText("FieldPay 1.3.0 is installed")).toBeVisible();
  });

  it("is only told where somebody else installs it", async () => {
    open("/", offering(false));
    expect(await screen.findByText("There is FieldPay 1.3.0")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Install now" })).toBeNull();
  });

  it("is not installed while a form is open", async () => {
    const bridge = offering(true);
    open("/visits/new", bridge);
    await screen.findByRole("form");
    await bridge.installVersion();
    expect((await bridge.status()).version).toMatchObject({ state: "available", failure: "A form is open" });
  });

  it("that is refused says why in the settings", async () => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.core.version = { ...bridge.core.version, state: "refused", reason: "It is not signed by FieldPay's makers" };
    open("/settings", bridge);
    expect(await screen.findByText("It is not signed by FieldPay's makers")).toBeVisible();
  });
});

describe("a device that the server does not know", () => {
  it("takes the office's code, and then the sign-in goes on", async () => {
    const bridge = memoryBridge();
    bridge.refuse("signIn", new BridgeError({ code: "enrolment_needed", message: "This device must be enrolled with a code of the office" }));
    const { user } = open("/sign-in", bridge);
    await user.type(await screen.findByLabelText("Email"), "demo@fieldpay.com");
    await user.type(screen.getByLabelText("Password"), "demo123");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    await user.type(await screen.findByLabelText("Code of the office"), "wrong");
    await user.click(screen.getByRole("button", { name: "Enrol this device" }));
    expect(await screen.findByText(/The code is not valid/)).toBeVisible();
    await user.clear(screen.getByLabelText("Code of the office"));
    await user.type(screen.getByLabelText("Code of the office"), "K7QM-2XFD");
    await user.click(screen.getByRole("button", { name: "Enrol this device" }));
    expect(await screen.findByRole("button", { name: "Sign in" })).toBeVisible();
  });
});
