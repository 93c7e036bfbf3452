/** The table of every screen. */
import type { RouteObject } from "react-router";
import { Crash } from "~/components/crash";
import { Shell } from "~/components/shell";
import { ActionPage } from "~/pages/action";
import { CheckoutPage } from "~/pages/checkout";
import { ContactNewPage } from "~/pages/contact-new";
import { CustomerPage } from "~/pages/customer";
import { CustomersPage } from "~/pages/customers";
import { DiagnosticsPage } from "~/pages/diagnostics";
import { Gate } from "~/pages/gate";
import { InvoicePage } from "~/pages/invoice";
import { InvoiceEditPage } from "~/pages/invoice-edit";
import { InvoiceNewPage } from "~/pages/invoice-new";
import { InvoiceVoidPage } from "~/pages/invoice-void";
import { InvoicesPage } from "~/pages/invoices";
import { OutboxPage } from "~/pages/outbox";
import { PaymentCollectPage } from "~/pages/payment-collect";
import { PaymentNewPage } from "~/pages/payment-new";
import { ReasonsPage } from "~/pages/reasons";
import { ReceiptPageView } from "~/pages/receipt";
import { SettingsPage } from "~/pages/settings";
import { ShiftPage } from "~/pages/shift";
import { SignInPage } from "~/pages/sign-in";
import { TodayPage } from "~/pages/today";
import { VisitNewPage } from "~/pages/visit-new";
import { VisitsPage } from "~/pages/visits";

export const routes: RouteObject[] = [
  { path: "/sign-in", element: <SignInPage />, errorElement: <Crash /> },
  {
    element: <Gate />,
    errorElement: <Crash />,
    children: [
      {
        element: <Shell />,
        children: [
          {
            // A broken page leaves the shell standing.
            errorElement: <Crash />,
            children: [
              { path: "/", element: <TodayPage /> },
              { path: "/customers", element: <CustomersPage /> },
              { path: "/customers/:id", element: <CustomerPage /> },
              { path: "/invoices", element: <InvoicesPage /> },
              { path: "/invoices/new", element: <InvoiceNewPage /> },
              { path: "/invoices/:id", element: <InvoicePage /> },
              { path: "/invoices/:id/edit", element: <InvoiceEditPage /> },
              { path: "/invoices/:id/void", element: <InvoiceVoidPage /> },
              { path: "/contacts/new", element: <ContactNewPage /> },
              { path: "/payments/new", element: <PaymentNewPage /> },
              { path: "/payments/collect", element: <PaymentCollectPage /> },
              { path: "/payments/checkout/:id", element: <CheckoutPage /> },
              { path: "/visits", element: <VisitsPage /> },
              { path: "/visits/new", element: <VisitNewPage /> },
              { path: "/outbox", element: <OutboxPage /> },
              { path: "/outbox/:id", element: <ActionPage /> },
              { path: "/outbox/:id/receipt", element: <ReceiptPageView /> },
              { path: "/diagnostics", element: <DiagnosticsPage /> },
              { path: "/reasons", element: <ReasonsPage /> },
              { path: "/settings", element: <SettingsPage /> },
              { path: "/shift", element: <ShiftPage /> },
            ],
          },
        ],
      },
    ],
  },
];
