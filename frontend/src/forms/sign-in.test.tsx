import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fill, heading, open } from "~/testing/render";

describe("the sign-in", () => {
  it("stands before everything while nobody is known, and lets in without a mouse", async () => {
    const { user } = open("/invoices", { signedIn: false });
    expect(await screen.findByLabelText("Email")).toHaveFocus();
    await user.keyboard("demo@fieldpay.com{Tab}demo123{Enter}");
    await heading("Today");
    expect(screen.getByRole("button", { name: "Demo User" })).toBeVisible();
  });

  it("says that the password is not right, and nothing else", async () => {
    const { user } = open("/", { signedIn: false });
    await fill(user, await screen.findByLabelText("Email"), "demo@fieldpay.com");
    await fill(user, screen.getByLabelText("Password"), "wrong");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("The email or the password is not right.")).toBeVisible();
    expect(screen.queryByRole("navigation")).not.toBeInTheDocument();
  });

  it("says that it needs the server once", async () => {
    const { user } = open("/", { signedIn: false, offline: true });
    await fill(user, await screen.findByLabelText("Email"), "demo@fieldpay.com");
    await fill(user, screen.getByLabelText("Password"), "demo123");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText(/There is no way to the server/)).toBeVisible();
  });

  it("asks for what is missing", async () => {
    const { user } = open("/", { signedIn: false });
    await user.click(await screen.findByRole("button", { name: "Sign in" }));
    expect(screen.getByLabelText("Email")).toHaveAccessibleDescription("Enter your email.");
    expect(screen.getByLabelText("Email")).toHaveFocus();
  });
});
