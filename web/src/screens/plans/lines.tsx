import type { InvoiceFragment } from "../../../generated/billing/graphql";
import { Table } from "../../parts/table";
import { useFormats, useWords } from "../../words";

type Line = InvoiceFragment["lines"][number];

/** The lines of an invoice or a quote: what, how many, at what price, for when. */
export function Lines({ lines }: { lines: Line[] }) {
  const words = useWords();
  const { money, number, period } = useFormats();
  const columns = [
    { label: words.invoices.line },
    { label: words.invoices.quantity, number: true },
    { label: words.invoices.unit, number: true },
    { label: words.invoices.amount, number: true },
  ];
  return (
    <Table label={words.invoices.line} columns={columns}>
      {lines.map((line, index) => (
        <tr key={index}>
          <td class="head">
            <div>
              {line.description}
              <div class="muted small">{period(line.periodStart, line.periodEnd)}</div>
            </div>
          </td>
          <td class="number" data-label={words.invoices.quantity}>
            {number(line.quantity)}
          </td>
          <td class="number" data-label={words.invoices.unit}>
            {money(line.unitAmount)}
          </td>
          <td class="number" data-label={words.invoices.amount}>
            {money(line.amount)}
          </td>
        </tr>
      ))}
    </Table>
  );
}
