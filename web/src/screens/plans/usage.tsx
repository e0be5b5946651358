import { lazy, Suspense } from "preact/compat";
import type { PlansPageQuery } from "../../../generated/billing/graphql";
import { Badge } from "../../parts/badge";
import { Card } from "../../parts/card";
import { Empty } from "../../parts/states";
import { Table } from "../../parts/table";
import { useFormats, useWords } from "../../words";

type UsageData = NonNullable<NonNullable<PlansPageQuery["organization"]>["usage"]>;
type Metric = UsageData["metrics"][number];

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
  const { number, compact, shortDay } = useFormats();
  const name = words.usage.metrics[metric.key] ?? metric.name;
  const columns = [{ label: words.usage.day }, { label: words.usage.value, number: true }];
  // A limit of requests is about their sum, so it says nothing about single days.
  const summed = metric.key === "api_requests";
  return (
    <div class="metric">
      <div>
        <h3>{name}</h3>
        <Share used={metric.used} limit={metric.limit} />
      </div>
      <div>
        <span class="figure">{compact(metric.used)}</span>{" "}
        <span class="muted">{metric.limit === null ? words.plans.unlimited : `/ ${number(metric.limit)} ${unit(metric)}`}</span>
      </div>
      <Suspense fallback={<div class="chart skeleton" />}>
        <Chart
          label={words.usage.chart(name)}
          points={metric.series}
          from={from}
          to={to}
          bars={summed}
          limit={summed ? null : metric.limit}
          limitWord={words.usage.limit}
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
                  {number(value)}
                </td>
              </tr>
            ))}
          </Table>
        </div>
      </details>
    </div>
  );
}

function unit({ unit }: Metric): string {
  return unit.length <= 3 ? unit : "";
}

function Share({ used, limit }: { used: number; limit: number | null }) {
  const words = useWords();
  const { percent } = useFormats();
  if (!limit) return null;
  if (used > limit) return <Badge tone="bad">{words.usage.over}</Badge>;
  if (used >= limit * 0.9) return <Badge tone="warn">{words.usage.near}</Badge>;
  return <span class="muted small">{words.usage.share(percent(Math.round((used / limit) * 100) * 100))}</span>;
}
