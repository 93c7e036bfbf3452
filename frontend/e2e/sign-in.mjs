// Lets the demo person in.
export async function signIn(page) {
  await page.getByLabel("Email").fill("demo@fieldpay.com");
  await page.getByLabel("Password", { exact: true }).fill("demo123");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Today" }).waitFor();
}
