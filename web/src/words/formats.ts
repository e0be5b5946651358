export interface Amount {
  amount: number;
  currency: string;
}

/** Writers for one locale. */
export function formats(locale: string) {
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const utcDay = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const shortDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const number = new Intl.NumberFormat(locale);
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  const sized = (unit: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 });
  const [small, large] = [sized("megabyte"), sized("gigabyte")];
  const list = new Intl.ListFormat(locale);
  return {
    money: (money: Amount) => written(locale, money),
    day: (instant: string) => day.format(new Date(instant)),
    /** Of periods and bills, which begin and end in UTC. */
    utcDay: (instant: string) => utcDay.format(new Date(instant)),
    shortDay: (instant: string) => shortDay.format(new Date(instant)),
    /** A half-open period, with the last day that belongs to it. */
    period: (from: string, to: string) => utcDay.formatRange(new Date(from), new Date(lastOf(from, to))),
    moment: (instant: string) => moment.format(new Date(instant)),
    time: (instant: string) => time.format(new Date(instant)),
    number: (value: number) => number.format(value),
    compact: (value: number) => compact.format(value),
    megabytes: (value: number) => (value < 1000 ? small.format(value) : large.format(value / 1000)),
    percent: (basisPoints: number) =>
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(basisPoints / 10_000),
    list: (words: string[]) => list.format(words),
  };
}

function lastOf(from: string, to: string): number {
  return Math.max(new Date(from).getTime(), new Date(to).getTime() - 1);
}

/** Exact: the integer of minor units becomes decimal text, never a fraction. */
function written(locale: string, { amount, currency }: Amount): string {
  const writer = new Intl.NumberFormat(locale, { style: "currency", currency });
  const places = writer.resolvedOptions().maximumFractionDigits ?? 2;
  const digits = String(Math.abs(amount)).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const text = `${amount < 0 ? "-" : ""}${whole}${places ? `.${digits.slice(-places)}` : ""}`;
  return writer.format(text as Intl.StringNumericLiteral);
}
