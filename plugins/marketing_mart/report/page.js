// Draws each chart in the element that bears its name, again when the reader's system turns light or dark.
const specs = JSON.parse(document.getElementById("specs").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function config() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const text = { labelColor: color("--soft"), titleColor: color("--soft"), labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400 };
  return {
    background: "transparent",
    font: "system-ui, sans-serif",
    view: { stroke: null },
    range: { category: [color("--blue"), color("--orange")] },
    line: { color: color("--blue") },
    axis: { ...text, gridColor: color("--line"), domainColor: color("--line"), tickColor: color("--line") },
    axisX: { grid: false },
    axisBand: { labelColor: color("--text") },
    legend: { ...text, labelColor: color("--text"), orient: "top", symbolStrokeWidth: 3, labelFontSize: 13 },
  };
}

async function draw() {
  for (const [name, spec] of Object.entries(specs)) {
    await vegaEmbed(`#chart-${name}`, spec, { actions: false, renderer: "svg", config: config() });
  }
  document.documentElement.dataset.drawn = Object.keys(specs).length;
}

dark.addEventListener("change", draw);
draw();
