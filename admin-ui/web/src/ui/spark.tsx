// A line without axes, as wide as a word.
import type { JSX } from "preact";

export function Spark({ values, width = 72, height = 20, label }: {
  values: readonly (number | null)[] | null | undefined;
  width?: number;
  height?: number;
  label: string;
}): JSX.Element {
  const known = (values ?? []).filter((value): value is number => value !== null);
  if (values == null || known.length < 2) return <span class="spark" />;
  const top = Math.max(...known);
  const bottom = Math.min(0, ...known);
  const reach = top - bottom || 1;
  const step = width / (values.length - 1);
  let line = "";
  let isDown = false;
  values.forEach((value, i) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const y = height - 1.5 - ((value - bottom) / reach) * (height - 3);
    line += `${isDown ? "L" : "M"}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
    isDown = true;
  });
  const isWhole = known.length === values.length;
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none"
      {...(label === "" ? { "aria-hidden": true } : { role: "img", "aria-label": label })}>
      {isWhole && <path class="area" d={`${line}L${width} ${height}L0 ${height}Z`} />}
      <path class="line" d={line} />
    </svg>
  );
}
