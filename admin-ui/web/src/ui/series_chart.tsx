// A chart of the broker's own metrics: fetches them for the page's range and keeps them fresh.
import type { JSX } from "preact";
import type { SeriesAnswer } from "../api";
import { get } from "../core/client";
import { useResource } from "../core/resource";
import { type Annotation, Chart } from "./chart";
import { timeRange, zoomOut, zoomTo } from "./range";
import { Failure, Loading } from "./states";

export interface Metric {
  name: string;
  label: string;
}

export function SeriesChart({ title, metrics, labels = [], format, annotations, height, binary = false }: {
  title: string;
  metrics: readonly Metric[];
  /** "topic:orders" */
  labels?: string[];
  format: (value: number) => string;
  annotations?: readonly Annotation[];
  height?: number;
  binary?: boolean;
}): JSX.Element {
  const range = timeRange();
  const names = metrics.map((metric) => metric.name).join(",");
  const answer = useResource(
    `series ${names} ${labels.join()} ${range.key}`,
    (signal) => get<SeriesAnswer>("/metrics/series", { names, labels, ...range.query }, signal),
    range.every,
  );
  if (answer.data === null) {
    return <div class="chart-wait" style={{ height: `${(height ?? 220) + 60}px` }}>
      {answer.error ? <Failure error={answer.error} onRetry={answer.reload} /> : <Loading />}
    </div>;
  }
  const { from_ms, step_ms, series: found } = answer.data;
  return (
    <Chart title={title} from_ms={from_ms} step_ms={step_ms} format={format} binary={binary}
      {...(height ? { height } : {})} {...(annotations ? { annotations } : {})}
      series={metrics.map((metric) => ({ label: metric.label, values: found.find((one) => one.name === metric.name)?.v ?? [] }))}
      onZoom={zoomTo} onReset={zoomOut} />
  );
}
