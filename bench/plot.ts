/**
 * Plots as SVG, without a library: bars on a logarithmic scale.
 *
 * @module
 */

/** A figure as a multiple of Apache Kafka's. */
export interface RatioBar {
  readonly label: string;
  readonly ratio: number;
  readonly goal: number | null;
  readonly better: "less" | "more";
}

const LABEL_WIDTH = 470;
const PLOT_WIDTH = 420;
const ROW_HEIGHT = 22;
const TOP = 46;
const MIN_RATIO = 0.01;
const MAX_RATIO = 10;
const TICKS = [0.01, 0.1, 1, 10];

/** One bar each, from Apache Kafka's figure, which is 1, to ours; a mark shows the goal. */
export function plotRatios(bars: readonly RatioBar[]): string {
  const height = TOP + bars.length * ROW_HEIGHT + 12;
  const width = LABEL_WIDTH + PLOT_WIDTH + 70;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${LABEL_WIDTH}" y="16">Barnabas as a multiple of Apache Kafka: green is better, red is worse, the line is the goal</text>`,
    ...TICKS.map((tick) =>
      `<text x="${x(tick)}" y="36" text-anchor="middle" fill="#555">${tick} ×</text>` +
      `<line x1="${x(tick)}" x2="${x(tick)}" y1="${TOP - 6}" y2="${height - 6}" stroke="#ddd"/>`
    ),
    ...bars.map(row),
    "</svg>",
    "",
  ].join("\n");
}

function row({ label, ratio, goal, better }: RatioBar, index: number): string {
  const y = TOP + index * ROW_HEIGHT;
  const [from, to] = [x(1), x(ratio)].sort((a, b) => a - b);
  const color = (better === "less") === (ratio <= 1) ? "#2e8b57" : "#c0392b";
  const mark = goal === null
    ? ""
    : `<line x1="${x(goal)}" x2="${x(goal)}" y1="${y}" y2="${y + ROW_HEIGHT - 4}" stroke="#222" stroke-width="2"/>`;
  return `<text x="${LABEL_WIDTH - 8}" y="${y + 13}" text-anchor="end">${escape(label)}</text>` +
    `<rect x="${from}" y="${y + 3}" width="${Math.max(1, to - from)}" height="${ROW_HEIGHT - 10}" fill="${color}"/>` +
    mark +
    `<text x="${LABEL_WIDTH + PLOT_WIDTH + 8}" y="${y + 13}">${ratio.toPrecision(2)} ×</text>`;
}

/** Where a ratio lies on the logarithmic scale. */
function x(ratio: number): number {
  const bounded = Math.min(MAX_RATIO, Math.max(MIN_RATIO, ratio));
  const share = Math.log(bounded / MIN_RATIO) / Math.log(MAX_RATIO / MIN_RATIO);
  return Math.round(LABEL_WIDTH + share * PLOT_WIDTH);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
