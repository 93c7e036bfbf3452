export namespace app {
	
	export interface MoneyDTO {
	    amount: number;
	    currency: string;
	}
	export interface AccountDTO {
	    id: string;
	    name: string;
	    industry: string;
	    phone: string;
	    website: string;
	    openBalance: MoneyDTO[];
	}
	export interface InvoiceRow {
	    id: string;
	    number: string;
	    accountId: string;
	    accountName: string;
	    contactId: string;
	    description: string;
	    amount: number;
	    paid: number;
	    balance: number;
	    currency: string;
	    status: string;
	    origin: string;
	    actionId: string;
	    actionState: string;
	    createdAt: string;
	    updatedAt: string;
	    dueDate: string;
	    version: number;
	    pendingPaid: number;
	}
	export interface ContactDTO {
	    id: string;
	    accountId: string;
	    firstName: string;
	    lastName: string;
	    email: string;
	    phone: string;
	    title: string;
	    actionId: string;
	    actionState: string;
	}
	export interface AccountDetail {
	    asOf: string;
	    account: AccountDTO;
	    contacts: ContactDTO[];
	    invoices: InvoiceRow[];
	}
	export interface AccountPage {
	    asOf: string;
	    total: number;
	    items: AccountDTO[];
	}
	export interface AccountQuery {
	    search: string;
	    limit: number;
	    offset: number;
	}
	export interface ActionChoice {
	    id: string;
	    reason: string;
	}
	export interface StepDTO {
	    at: string;
	    from: string;
	    to: string;
	    code: string;
	    message: string;
	    by: string;
	    attempt: number;
	}
	export interface ActionRow {
	    id: string;
	    sequence: number;
	    type: string;
	    state: string;
	    lane: string;
	    title: string;
	    subtitle: string;
	    amount: number;
	    currency: string;
	    createdAt: string;
	    since: string;
	    nextAt: string;
	    attempt: number;
	    blockedBy: string;
	    replacedBy: string;
	    code: string;
	    reason: string;
	    actor: string;
	    serverId: string;
	    late: boolean;
	    accountId: string;
	    accountName: string;
	    invoiceId: string;
	    invoiceNumber: string;
	    description: string;
	    method: string;
	    outcome: string;
	    result: string;
	    link: string;
	}
	export interface ActionDetail {
	    row: ActionRow;
	    payload: string;
	    fields: Record<string, string>;
	    history: StepDTO[];
	    hash: string;
	}
	
	export interface BadgeForm {
	    code: string;
	    pin: string;
	}
	export interface EnrolmentDTO {
	    name: string;
	    at: string;
	}
	export interface PersonDTO {
	    id: string;
	    name: string;
	    email: string;
	}
	export interface CurrencyDTO {
	    code: string;
	    digits: number;
	}
	export interface BootstrapDTO {
	    version: string;
	    environment: string;
	    bffUrl: string;
	    platform: string;
	    locale: string;
	    deviceId: string;
	    keyProtection: string;
	    host: string;
	    currencies: CurrencyDTO[];
	    methods: string[];
	    visitOutcomes: string[];
	    person: PersonDTO;
	    signedIn: boolean;
	    enrolment: EnrolmentDTO;
	}
	export interface BundlePartDTO {
	    name: string;
	    about: string;
	    text: string;
	}
	export interface BundleDTO {
	    id: string;
	    sealed: boolean;
	    parts: BundlePartDTO[];
	}
	
	export interface BundleRequest {
	    id: string;
	}
	export interface CardDTO {
	    id: string;
	    brand: string;
	    last4: string;
	    expMonth: number;
	    expYear: number;
	}
	export interface CardList {
	    cards: CardDTO[];
	    fresh: boolean;
	    known: boolean;
	}
	export interface CarriedFile {
	    content: string;
	}
	export interface CheckoutDTO {
	    id: string;
	    status: string;
	    url: string;
	    booked: boolean;
	    opened: boolean;
	}
	export interface CheckoutForm {
	    id: string;
	    invoiceId: string;
	    amount: string;
	    locale: string;
	    saveCard: boolean;
	}
	export interface CollectForm {
	    actionId: string;
	    invoiceId: string;
	    amount: string;
	    method: string;
	    cardId: string;
	    locale: string;
	    replaces: string;
	}
	export interface ConflictField {
	    name: string;
	    mine: string;
	    theirs: string;
	    known: boolean;
	}
	export interface ConflictDTO {
	    actionId: string;
	    kind: string;
	    fields: ConflictField[];
	    invoice: InvoiceRow;
	    asOf: string;
	    canKeep: boolean;
	}
	
	export interface ConnectionDTO {
	    state: string;
	    since: string;
	    code: string;
	    reason: string;
	    down: string[];
	}
	
	export interface ContactForm {
	    actionId: string;
	    accountId: string;
	    firstName: string;
	    lastName: string;
	    email: string;
	    phone: string;
	    title: string;
	    replaces: string;
	}
	export interface CountForm {
	    currency: string;
	    amount: string;
	}
	export interface Credentials {
	    username: string;
	    password: string;
	}
	
	export interface StretchDTO {
	    from: string;
	    to: string;
	    state: string;
	    code: string;
	}
	export interface EventDTO {
	    at: string;
	    name: string;
	    fields: Record<string, string>;
	}
	export interface JournalDTO {
	    entries: number;
	    ok: boolean;
	}
	export interface DiagnosticsDTO {
	    version: string;
	    environment: string;
	    bffUrl: string;
	    deviceId: string;
	    keyProtection: string;
	    connection: ConnectionDTO;
	    lastSyncAt: string;
	    counts: Record<string, number>;
	    journal: JournalDTO;
	    events: EventDTO[];
	    connections: StretchDTO[];
	    now: string;
	}
	export interface DiskDTO {
	    low: boolean;
	    free: number;
	}
	export interface DoorPersonDTO {
	    id: string;
	    name: string;
	    manager: boolean;
	    pin: boolean;
	    badge: boolean;
	    waitSeconds: number;
	    here: boolean;
	}
	export interface DoorDTO {
	    locked: boolean;
	    kiosk: boolean;
	    gaps: number;
	    leaves: boolean;
	    pinNeeded: boolean;
	    proved: boolean;
	    idleSeconds: number;
	    idleChoice: number;
	    idleManaged: boolean;
	    people: DoorPersonDTO[];
	    minPin: number;
	    maxPin: number;
	}
	
	export interface DraftDTO {
	    name: string;
	    actionId: string;
	    address: string;
	    values: string;
	    at: string;
	}
	export interface DraftForm {
	    name: string;
	    actionId: string;
	    address: string;
	    values: string;
	}
	export interface EditingOptions {
	    open: boolean;
	}
	export interface EnrolOptions {
	    code: string;
	}
	
	
	export interface FileDTO {
	    name: string;
	    mediaType: string;
	    content: string;
	    path: string;
	}
	export interface FileForm {
	    name: string;
	    mediaType: string;
	    role: string;
	    content: string;
	}
	export interface FindingDTO {
	    name: string;
	    ok: boolean;
	    what: string;
	}
	export interface IdleForm {
	    seconds: number;
	}
	export interface InvoiceChange {
	    actionId: string;
	    invoiceId: string;
	    description: string;
	    notes: string;
	    dueDate: string;
	    contactId: string;
	    changed: string[];
	    replaces: string;
	}
	export interface InvoiceDetail {
	    row: InvoiceRow;
	    actions: ActionRow[];
	}
	export interface LineForm {
	    description: string;
	    quantity: string;
	    unitPrice: string;
	    discount: string;
	    taxRate: string;
	}
	export interface InvoiceForm {
	    actionId: string;
	    accountId: string;
	    contactId: string;
	    currency: string;
	    description: string;
	    notes: string;
	    dueDate: string;
	    locale: string;
	    lines: LineForm[];
	    replaces: string;
	}
	export interface InvoicePage {
	    asOf: string;
	    total: number;
	    items: InvoiceRow[];
	}
	export interface TaxPreview {
	    rate: string;
	    net: number;
	    amount: number;
	}
	export interface LinePreview {
	    net: number;
	}
	export interface InvoicePreview {
	    lines: LinePreview[];
	    net: number;
	    taxes: TaxPreview[];
	    tax: number;
	    total: number;
	    currency: string;
	    fields: Record<string, string>;
	}
	export interface InvoiceQuery {
	    accountId: string;
	    search: string;
	    limit: number;
	    offset: number;
	}
	
	export interface InvoiceVoid {
	    actionId: string;
	    invoiceId: string;
	    reason: string;
	    replaces: string;
	}
	
	export interface KeptFile {
	    sha256: string;
	    size: number;
	    mediaType: string;
	    name: string;
	    role: string;
	}
	export interface KioskDTO {
	    on: boolean;
	    findings: FindingDTO[];
	}
	
	
	
	export interface OfflineOptions {
	    on: boolean;
	}
	export interface OutboxPage {
	    items: ActionRow[];
	    next: number;
	}
	export interface OutboxQuery {
	    filter: string;
	    before: number;
	    limit: number;
	}
	export interface OverdueDTO {
	    level: string;
	    since: string;
	}
	export interface PINForm {
	    before: string;
	    pin: string;
	}
	export interface PaymentForm {
	    actionId: string;
	    invoiceId: string;
	    amount: string;
	    method: string;
	    tendered: string;
	    checkNumber: string;
	    reference: string;
	    note: string;
	    locale: string;
	    replaces: string;
	}
	export interface PaymentPreview {
	    amount: number;
	    tendered: number;
	    change: number;
	    currency: string;
	    balance: number;
	    balanceAfter: number;
	    fields: Record<string, string>;
	    warnings: string[];
	}
	
	export interface PriceDTO {
	    productId: string;
	    code: string;
	    name: string;
	    family: string;
	    taxRate: string;
	    unitPrice: number;
	}
	export interface PriceList {
	    asOf: string;
	    items: PriceDTO[];
	}
	export interface ReceiptLine {
	    description: string;
	    quantity: string;
	    unitPrice: number;
	    discount: number;
	    taxRate: string;
	    net: number;
	}
	export interface ReceiptDTO {
	    actionId: string;
	    kind: string;
	    standing: string;
	    sequence: number;
	    hash: string;
	    deviceId: string;
	    actor: string;
	    savedAt: string;
	    confirmedAt: string;
	    serverId: string;
	    accountName: string;
	    invoiceNumber: string;
	    description: string;
	    dueDate: string;
	    currency: string;
	    lines: ReceiptLine[];
	    net: number;
	    taxes: TaxPreview[];
	    amount: number;
	    method: string;
	    tendered: number;
	    change: number;
	    checkNumber: string;
	    reference: string;
	}
	
	export interface ReceiptRow {
	    name: string;
	    detail: string;
	    value: string;
	}
	export interface ReceiptPage {
	    actionId: string;
	    title: string;
	    standing: string;
	    facts: ReceiptRow[];
	    lines: ReceiptRow[];
	    sums: ReceiptRow[];
	}
	
	export interface RescueDTO {
	    rescued: number;
	    known: number;
	    aside: string;
	}
	export interface Saved {
	    actionId: string;
	    sequence: number;
	    recordId: string;
	    lane: string;
	    hash: string;
	    savedAt: string;
	}
	export interface SavedBundle {
	    path: string;
	    sealed: boolean;
	}
	export interface ScanDTO {
	    kind: string;
	    id: string;
	}
	export interface SealedFile {
	    file: FileDTO;
	    actions: number;
	    more: boolean;
	}
	export interface SlipDTO {
	    openedAt: string;
	    openedBy: string;
	    closedAt: string;
	    closedBy: string;
	    note: string;
	    lines: ShiftLine[];
	}
	export interface ShiftLine {
	    currency: string;
	    float: number;
	    taken: number;
	    payments: number;
	    expected: number;
	    counted: number;
	    difference: number;
	}
	export interface ShiftDTO {
	    open: boolean;
	    openedAt: string;
	    openedBy: string;
	    lines: ShiftLine[];
	    slips: SlipDTO[];
	}
	export interface ShiftForm {
	    counts: CountForm[];
	    note: string;
	    locale: string;
	}
	
	export interface ShiftPreview {
	    lines: ShiftLine[];
	    fields: Record<string, string>;
	}
	export interface SignOutOptions {
	    force: boolean;
	}
	
	export interface VersionDTO {
	    state: string;
	    version: string;
	    notes: string;
	    reason: string;
	    installable: boolean;
	    checkedAt: string;
	    percent: number;
	    failure: string;
	}
	export interface UnsentDTO {
	    count: number;
	    oldestAt: string;
	    payments: MoneyDTO[];
	    invoices: MoneyDTO[];
	}
	export interface StatusDTO {
	    connection: ConnectionDTO;
	    unsent: UnsentDTO;
	    overdue: OverdueDTO;
	    counts: Record<string, number>;
	    draining: boolean;
	    done: number;
	    total: number;
	    lastSyncAt: string;
	    needsYou: number;
	    person: PersonDTO;
	    signedIn: boolean;
	    version: VersionDTO;
	    journalDamaged: boolean;
	    disk: DiskDTO;
	}
	
	
	export interface TakenFile {
	    receipt: FileDTO;
	    actions: number;
	    taken: number;
	}
	
	export interface UnlockForm {
	    personId: string;
	    pin: string;
	}
	
	
	export interface VisitForm {
	    actionId: string;
	    accountId: string;
	    contactId: string;
	    invoiceId: string;
	    note: string;
	    outcome: string;
	    files: KeptFile[];
	    replaces: string;
	}

}

