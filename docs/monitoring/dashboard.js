// Draws grafana-dashboard.json with figures of the Prometheus that serves this page. See dashboard.html.

const COLORS =
  "#73bf69 #5794f2 #f2cc0c #ff9830 #b877d9 #f2495c #37c8c8 #ff85a2 #8ab8ff #c0d8a0 #ffee99 #e0b4ff #c4714f #4f9d8f #a0a8b8 #d64fb0"
    .split(" ");
const SVG = "http://www.w3.org/2000/svg";
const REFRESH_MS = 10_000;
/** A rate needs at least two scrapes, and a few more make it calm: Grafana's rule for $__rate_interval. */
const SCRAPES_IN_RATE = 4;
const POINTS = 240;
const MINUTES_FROM_SECONDS = 120;

const address = new URLSearchParams(location.search);
const dashboard = await (await fetch("grafana-dashboard.json")).json();
const scrapeSeconds = await scrapeInterval();
const chosen = {
  minutes: Number(address.get("minutes") ?? 30),
  job: address.get("job") ?? "barnabas",
  instance: address.get("instance") ?? ".*",
};

document.querySelector("h1").textContent = dashboard.title;
document.querySelector("header .faint").textContent = dashboard.description;
await fillChoices();
const panels = dashboard.panels.map(layOut);
await refresh();
setInterval(refresh, REFRESH_MS);

async function refresh() {
  const end = Date.now() / 1000;
  const span = chosen.minutes * 60;
  const range = { start: end - span, end, step: Math.max(scrapeSeconds, Math.ceil(span / POINTS)) };
  const starts = await startsIn(range);
  await Promise.all(panels.map(async ({ panel, element }) => {
    if (panel.type === "row") return;
    const series = await ask(panel, range);
    (panel.type === "stat" ? drawStat : drawSeries)(panel, element, series, range, starts);
  }));
  document.body.dataset.drawn = "yes";
}

/** All series of a panel: `{ name, points: [[seconds, value | null], …] }`, a point for every step. */
async function ask(panel, range) {
  const answers = await Promise.all(panel.targets.map(async ({ expr, legendFormat }) => {
    const result = await query("query_range", { query: fill(expr, range), ...range });
    return result.map(({ metric, values }) => ({
      name: legendFormat.replace(/{{\s*(\w+)\s*}}/g, (_, label) => metric[label] ?? ""),
      points: everyStep(values, range),
    }));
  }));
  return answers.flat().filter(({ points }) => points.some(([, value]) => value !== null));
}

function fill(expr, { step }) {
  const rate = Math.max(SCRAPES_IN_RATE * scrapeSeconds, step + scrapeSeconds);
  return expr.replaceAll("$__rate_interval", `${rate}s`).replaceAll("$job", chosen.job).replaceAll(
    "$instance",
    chosen.instance,
  );
}

function everyStep(values, { start, end, step }) {
  const byTime = new Map(values.map(([seconds, text]) => [Math.round((seconds - start) / step), Number(text)]));
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => {
    const value = byTime.get(index);
    return [start + index * step, Number.isFinite(value) ? value : null];
  });
}

/** When brokers have started in that time: the dashboard's annotation. */
async function startsIn(range) {
  const [annotation] = dashboard.annotations.list;
  const result = await query("query_range", { query: fill(annotation.expr, range), ...range });
  const seconds = new Set(result.flatMap(({ values }) => values.map(([, value]) => Number(value) / 1000)));
  return [...seconds].filter((at) => at > range.start);
}

async function query(path, parameters) {
  const { status, data, error } = await (await fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`)).json();
  if (status !== "success") throw new Error(`${parameters.query}: ${error}`);
  return data.result ?? data;
}

async function scrapeInterval() {
  const { yaml } = await query("status/config", {});
  const [, amount, unit] = /scrape_interval: (\d+)(ms|s|m)/.exec(yaml);
  return Math.max(1, amount * { ms: 0.001, s: 1, m: 60 }[unit]);
}

async function fillChoices() {
  const instances = await query("label/instance/values", { "match[]": `barnabas_build_info{job="${chosen.job}"}` });
  const choice = document.querySelector("#instance");
  choice.append(new Option("all brokers", ".*"), ...instances.map((name) => new Option(name, name)));
  choice.value = chosen.instance;
  choice.onchange = () => {
    chosen.instance = choice.value;
    refresh();
  };
  const minutes = document.querySelector("#minutes");
  if (![...minutes.options].some(({ value }) => value === String(chosen.minutes))) {
    minutes.prepend(new Option(`${chosen.minutes} minutes`, chosen.minutes));
  }
  minutes.value = chosen.minutes;
  minutes.onchange = () => {
    chosen.minutes = Number(minutes.value);
    refresh();
  };
}

/** Places a panel as Grafana does: a grid of 24 columns. */
function layOut(panel) {
  const { x, y, w, h } = panel.gridPos;
  const element = make(document.querySelector("main"), panel.type === "row" ? "div" : "section");
  element.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
  if (panel.type === "row") {
    element.className = "row";
    element.textContent = panel.title;
  } else {
    element.title = panel.description;
  }
  return { panel, element };
}

function drawStat({ title, fieldConfig }, element, [series], range) {
  element.replaceChildren();
  make(element, "h2").textContent = title;
  const value = make(element, "div");
  value.className = "value";
  const last = series?.points.findLast(([, figure]) => figure !== null)?.[1];
  if (last === undefined) return void (value.textContent = "–");
  const { thresholds, unit } = fieldConfig.defaults;
  const { color } = thresholds.steps.findLast((step) => step.value === null || last >= step.value);
  const shade = { green: COLORS[0], blue: COLORS[1], orange: COLORS[3], red: COLORS[5] }[color];
  value.textContent = show(last, unit);
  value.style.color = shade;
  const svg = draw(element, "svg", { class: "spark", viewBox: "0 0 100 30", preserveAspectRatio: "none" });
  const scale = { ...scaleOf([series.points], range, false, unit), width: 100, height: 26, left: 0, top: 4 };
  area(svg, series.points, null, scale, shade, 0.18);
}

function drawSeries(panel, element, series, range, starts) {
  const { unit, custom } = panel.fieldConfig.defaults;
  element.replaceChildren();
  make(element, "h2").textContent = panel.title;
  const plot = make(element, "div");
  plot.className = "plot";
  const legend = make(element, "div");
  legend.className = "legend";
  for (const [index, { name }] of series.entries()) {
    const entry = make(legend, "span");
    make(entry, "i").style.background = colorOf(index);
    entry.append(name);
  }
  const svg = draw(plot, "svg", {});
  const { width, height } = plot.getBoundingClientRect();
  const isLog = custom.scaleDistribution?.type === "log";
  const tops = custom.stacking.mode === "normal" ? stacked(series) : series.map(({ points }) => points);
  const scale = { ...scaleOf(tops, range, isLog, unit), left: 56, top: 6, width: width - 62, height: height - 24 };
  axes(svg, scale, range, unit);
  for (const at of starts) {
    const x = xOf(scale, at);
    draw(svg, "line", {
      x1: x,
      x2: x,
      y1: scale.top,
      y2: scale.top + scale.height,
      stroke: COLORS[4],
      "stroke-dasharray": "4 3",
    });
  }
  tops.forEach((points, index) => {
    const below = custom.stacking.mode === "normal" ? tops[index - 1] ?? null : null;
    area(svg, points, below, scale, colorOf(index), custom.fillOpacity / 100);
    line(svg, points, scale, colorOf(index));
  });
  tellUnderPointer(plot, svg, scale, series, range, unit);
}

function stacked(series) {
  const sums = new Map();
  const isTold = series[0]?.points.map((_, index) => series.some(({ points }) => points[index][1] !== null));
  return series.map(({ points }) =>
    points.map(([at, value], index) => {
      sums.set(at, (sums.get(at) ?? 0) + (value ?? 0));
      return [at, isTold[index] ? sums.get(at) : null];
    })
  );
}

function scaleOf(lines, { start, end }, isLog, unit) {
  const values = lines.flat().map(([, value]) => value).filter((value) => value !== null && (!isLog || value > 0));
  if (isLog) {
    const low = Math.floor(Math.log10(Math.min(...values, 0.1)));
    return { start, end, isLog, low, high: Math.max(Math.ceil(Math.log10(Math.max(...values, 0.001))), low + 1) };
  }
  const step = niceStep(Math.max(...values, 0), unit);
  return { start, end, isLog, low: 0, high: Math.max(Math.ceil(Math.max(...values, 0) * 1.02 / step), 1) * step, step };
}

/** For some four steps of 1, 2 or 5: kibibytes and minutes where it is those that are shown. */
function niceStep(highest, unit) {
  const rough = (highest || 1) / 4;
  let scale = unit === "s" && highest >= MINUTES_FROM_SECONDS ? 60 : 1;
  while (unit === "bytes" && rough >= scale * 1024) scale *= 1024;
  const magnitude = scale * 10 ** Math.floor(Math.log10(rough / scale));
  return magnitude * [1, 2, 5, 10].find((factor) => factor * magnitude >= rough);
}

function xOf({ left, width, start, end }, at) {
  return left + width * (at - start) / (end - start);
}

function yOf({ top, height, low, high, isLog }, value) {
  const place = isLog ? Math.log10(Math.max(value, 10 ** low)) : value;
  return top + height * (1 - (place - low) / (high - low));
}

function axes(svg, scale, { start, end }, unit) {
  const { left, width, top, height, low, high, isLog, step } = scale;
  const count = isLog ? high - low : Math.round(high / step);
  for (let index = 0; index <= count; index++) {
    const value = isLog ? 10 ** (low + index) : index * step;
    const y = yOf(scale, value);
    draw(svg, "line", { x1: left, x2: left + width, y1: y, y2: y, stroke: "#2a2f37" });
    draw(svg, "text", { x: left - 6, y: y + 3.5, "text-anchor": "end" }).textContent = show(value, unit);
  }
  const every =
    [60, 120, 300, 600, 1800, 3600, 10800, 43200, 86400].find((seconds) => (end - start) / seconds <= width / 70) ??
      172800;
  for (let at = Math.ceil(start / every) * every; at <= end; at += every) {
    const x = xOf(scale, at);
    draw(svg, "line", { x1: x, x2: x, y1: top, y2: top + height, stroke: "#22262d" });
    const text = new Date(at * 1000).toLocaleString(
      "en-GB",
      every >= 86400 ? { day: "2-digit", month: "2-digit" } : { hour: "2-digit", minute: "2-digit" },
    );
    draw(svg, "text", { x, y: top + height + 15, "text-anchor": "middle" }).textContent = text;
  }
}

/** Stretches without a gap. */
function stretches(points) {
  const found = [[]];
  for (const [index, [, value]] of points.entries()) {
    if (value === null) found.push([]);
    else found.at(-1).push(index);
  }
  return found.filter(({ length }) => length > 0);
}

function line(svg, points, scale, color) {
  for (const stretch of stretches(points)) {
    const path = stretch.map((index) =>
      `${xOf(scale, points[index][0]).toFixed(1)},${yOf(scale, points[index][1]).toFixed(1)}`
    );
    draw(svg, "polyline", { points: path.join(" "), fill: "none", stroke: color, "stroke-width": 1.4 });
  }
}

function area(svg, points, below, scale, color, opacity) {
  if (opacity === 0) return;
  for (const stretch of stretches(points)) {
    const place = (line, index) =>
      `${xOf(scale, points[index][0]).toFixed(1)},${yOf(scale, line?.[index][1] ?? 0).toFixed(1)}`;
    const path = [
      ...stretch.map((index) => place(points, index)),
      ...stretch.toReversed().map((index) => place(below, index)),
    ];
    draw(svg, "polygon", { points: path.join(" "), fill: color, "fill-opacity": opacity });
  }
}

function tellUnderPointer(plot, svg, scale, series, { step }, unit) {
  const tip = make(plot, "div");
  tip.className = "tip";
  tip.hidden = true;
  plot.onmouseleave = () => tip.hidden = true;
  plot.onmousemove = ({ clientX }) => {
    const x = clientX - svg.getBoundingClientRect().left;
    const index = Math.round((x - scale.left) / scale.width * (scale.end - scale.start) / step);
    const lines = series.map(({ name, points }) => [name, points[index]?.[1] ?? null]).filter(([, value]) =>
      value !== null
    );
    if (lines.length === 0) return void (tip.hidden = true);
    const time = new Date((scale.start + index * step) * 1000).toLocaleTimeString("en-GB");
    lines.sort(([, one], [, other]) => other - one);
    tip.textContent = [time, ...lines.map(([name, value]) => `${show(value, unit).padStart(9)}  ${name}`)].join("\n");
    tip.hidden = false;
    tip.style.left = `${Math.min(x + 12, plot.clientWidth - tip.offsetWidth)}px`;
  };
}

/** A figure in a unit by Grafana's name for it. */
function show(value, unit) {
  const scaled = (figure, base, names, suffix) => {
    let index = 0;
    while (Math.abs(figure) >= base && index < names.length - 1) [figure, index] = [figure / base, index + 1];
    return `${Number(figure.toPrecision(3))}${names[index]}${suffix}`;
  };
  switch (unit) {
    case "bytes":
      return scaled(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB"], "");
    case "Bps":
      return scaled(value, 1000, [" B", " kB", " MB", " GB"], "/s");
    case "reqps":
    case "ops":
      return scaled(value, 1000, ["", "k", "M"], "/s");
    case "s":
      if (value === 0) return "0 s";
      if (value < 0.001) return `${Number((value * 1e6).toPrecision(3))} µs`;
      if (value < 1) return `${Number((value * 1000).toPrecision(3))} ms`;
      return value < MINUTES_FROM_SECONDS
        ? `${Number(value.toPrecision(3))} s`
        : `${Number((value / 60).toPrecision(3))} min`;
    default:
      return scaled(value, 1000, ["", "k", "M", "G"], "");
  }
}

function colorOf(index) {
  return COLORS[index % COLORS.length];
}

function make(parent, name) {
  return parent.appendChild(document.createElement(name));
}

function draw(parent, name, attributes) {
  const element = parent.appendChild(document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
