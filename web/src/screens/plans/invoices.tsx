import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import {
  type InvoiceFragment,
  InvoicesDocument,
  type InvoicesQuery,
  type PaymentMethodFragment,
} from "../../../generated/billing/graphql";
import { usePages } from "../../data/pages";
import { useOrganization } from "../../data/session";
import { Badge, type Tone } from "../../parts/badge";
import { Button } from "../../parts/button";
import { List } from "../../parts/list";
import { Empty } from "../../parts/states";
import { useFormats, useWords } from "../../words";
import { InvoiceDetails } from "./invoice";

type Status = InvoiceFragment["status"];

const tones: Record<Status, Tone> = { DRAFT: "plain", OPEN: "warn", PAID: "good", VOID: "plain", UNCOLLECTIBLE: "bad" };

const pick = (data: InvoicesQuery) => data.organization?.invoices;

/** What was claimed, newest first. */
export function Invoices({ methods, actions }: { methods: PaymentMethodFragment[]; actions?: ComponentChildren }) {
  const words = useWords();
  const { slug } = useOrganization();
  const [status, setStatus] = useState<Status | null>(null);
  const [opened, setOpened] = useState<InvoiceFragment | null>(null);
  const list = usePages(InvoicesDocument, useMemo(() => ({ slug, status }), [slug, status]), pick);
  const columns = [
    { label: words.invoices.number },
    { label: words.invoices.issued },
    { label: words.invoices.due },
    { label: words.invoices.statusLabel },
    { label: words.invoices.total, number: true },
  ];
  return (
    <>
      <List
        title={words.invoices.title}
        columns={columns}
        list={list}
        actions={
          <>
            <Filter status={status} onChange={setStatus} />
            {actions}
          </>
        }
        empty={
          status ? (
            <Empty icon="receipt" title={words.invoices.noneOf} />
          ) : (
            <Empty icon="receipt" title={words.invoices.none} more={words.invoices.noneMore} />
          )
        }
        row={(invoice) => <Row invoice={invoice} onOpen={() => setOpened(invoice)} key={invoice.id} />}
      />
      {opened && <InvoiceDetails invoice={opened} methods={methods} onClose={() => setOpened(null)} />}
    </>
  );
}

function Filter({ status, onChange }: { status: Status | null; onChange: (status: Status | null) => void }) {
  const words = useWords();
  const all = Object.keys(words.invoices.status) as Status[];
  return (
    <select
      class="select"
      aria-label={words.invoices.filter}
      value={status ?? ""}
      onChange={(event) => onChange((event.currentTarget.value || null) as Status | null)}
    >
      <option value="">{words.invoices.all}</option>
      {all.map((one) => (
        <option value={one} key={one}>
          {words.invoices.status[one]}
        </option>
      ))}
    </select>
  );
}

function Row({ invoice, onOpen }: { invoice: InvoiceFragment; onOpen: () => void }) {
  const words = useWords();
  const { utcDay, money } = useFormats();
  const number = invoice.number ?? words.invoices.draft;
  return (
    <tr>
      <td class="head">
        <Button kind="quiet" class="link" aria-label={words.invoices.open(number)} onClick={onOpen}>
          {number}
        </Button>
      </td>
      <td data-label={words.invoices.issued}>{invoice.issuedAt && utcDay(invoice.issuedAt)}</td>
      <td data-label={words.invoices.due}>{invoice.dueAt && utcDay(invoice.dueAt)}</td>
      <td data-label={words.invoices.statusLabel}>
        <InvoiceStatus status={invoice.status} />
      </td>
      <td class="number strong" data-label={words.invoices.total}>
        {money(invoice.total)}
      </td>
    </tr>
  );
}

export function InvoiceStatus({ status }: { status: Status }) {
  const words = useWords();
  return <Badge tone={tones[status]}>{words.invoices.status[status]}</Badge>;
}
