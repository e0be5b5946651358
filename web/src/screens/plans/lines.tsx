import type { InvoiceFragment } from "../../../generated/billing/graphql";
import { Table } from "../../parts/table";
import { useFormats, useWords } from "../../words";

type Line = InvoiceFragment["lines"][number] & { explanation?: string };

/** The lines of an invoice or a quote: what, how many, at what price, for when, and how that comes about. */
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
              {line.explanation && (
                <details class="as-table">
                  <summary>{words.money.explain}</summary>
                  <p class="muted small">{line.explanation}</p>
                </details>
              )}
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

/** What lines come to: names with amounts, the last of them the one that counts. */
export function Sums({ sums }: { sums: [string, { amount: number; currency: string }][] }) {
  const { money } = useFormats();
  return (
    <dl class="sums">
      {sums.map(([name, amount], index) => {
        const total = index === sums.length - 1 ? "total" : "";
        return (
          <>
            <dt class={total || "muted"}>{name}</dt>
            <dd class={total}>{money(amount)}</dd>
          </>
        );
      })}
    </dl>
  );
}
