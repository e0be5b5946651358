import { lazy, Suspense } from "preact/compat";
import type { PlansPageQuery } from "../../../generated/billing/graphql";
import { Badge } from "../../parts/badge";
import { Card } from "../../parts/card";
import { Empty } from "../../parts/states";
import { Table } from "../../parts/table";
import { useFormats, useWords } from "../../words";

type UsageData = NonNullable<NonNullable<PlansPageQuery["organization"]>["usage"]>;
type Metric = UsageData["metrics"][number];

const longestMonth = 31; // days

const Chart = lazy(() => import("../../parts/chart"));

/** What was used by day, beside what the plan allows. */
export function Usage({ usage }: { usage: UsageData | null }) {
  const words = useWords();
  const { period } = useFormats();
  if (!usage) return null;
  return (
    <Card title={words.usage.title} lead={words.usage.period(period(usage.from, `${usage.to}T23:59:59Z`))}>
      {usage.metrics.length ? (
        <div class="usage">
          {usage.metrics.map((one) => (
            <MetricChart metric={one} from={usage.from} to={usage.to} key={one.key} />
          ))}
        </div>
      ) : (
        <Empty icon="chart" title={words.usage.none} />
      )}
    </Card>
  );
}

function MetricChart({ metric, from, to }: { metric: Metric; from: string; to: string }) {
  const words = useWords();
  const { compact, megabytes } = useFormats();
  const write = metric.unit === "megabyte" ? megabytes : compact;
  const name = words.usage.metrics[metric.key] ?? metric.name;
  // A limit of requests is about their sum, so it says nothing about single days.
  const summed = metric.key === "api_requests";
  // It is a month's limit, and the period may be a year.
  const monthly = summed && metric.series.length > longestMonth;
  const allowed = () => {
    if (metric.limit === null) return words.plans.unlimited;
    return monthly ? words.usage.aMonth(compact(metric.limit)) : `/ ${write(metric.limit)}`;
  };
  return (
    <div class="metric">
      <div>
        <h3>{name}</h3>
        {!monthly && <Share used={metric.used} limit={metric.limit} />}
      </div>
      <div>
        <span class="figure">{write(metric.used)}</span>{" "}
        <span class="muted">{allowed()}</span>
      </div>
      {metric.series.length ? (
        <ByDay metric={metric} name={name} from={from} to={to} summed={summed} write={write} />
      ) : (
        <p class="chart muted small">{words.usage.none}</p>
      )}
    </div>
  );
}

interface ByDayProps {
  metric: Metric;
  name: string;
  from: string;
  to: string;
  summed: boolean;
  write: (value: number) => string;
}

/** A chart, and its numbers. */
function ByDay({ metric, name, from, to, summed, write }: ByDayProps) {
  const words = useWords();
  const { number, shortDay } = useFormats();
  const columns = [{ label: words.usage.day }, { label: words.usage.value, number: true }];
  return (
    <>
      <Suspense fallback={<div class="chart skeleton" />}>
        <Chart
          label={words.usage.chart(name)}
          points={metric.series}
          from={from}
          to={to}
          bars={summed}
          limit={summed ? null : metric.limit}
          limitWord={words.usage.limit}
          write={write}
        />
      </Suspense>
      <details class="as-table">
        <summary>{words.usage.table}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={words.usage.chart(name)}>
          <Table label={words.usage.chart(name)} columns={columns}>
            {metric.series.map(({ date, value }) => (
              <tr key={date}>
                <td data-label={words.usage.day}>{shortDay(date)}</td>
                <td class="number" data-label={words.usage.value}>
                  {metric.unit === "megabyte" ? write(value) : number(value)}
                </td>
              </tr>
            ))}
          </Table>
        </div>
      </details>
    </>
  );
}

function Share({ used, limit }: { used: number; limit: number | null }) {
  const words = useWords();
  const { percent } = useFormats();
  if (!limit) return null;
  if (used > limit) return <Badge tone="bad">{words.usage.over}</Badge>;
  if (used >= limit * 0.9) return <Badge tone="warn">{words.usage.near}</Badge>;
  return <span class="muted small">{words.usage.share(percent(Math.round((used / limit) * 100) * 100))}</span>;
}
