"use strict";
(() => {
  const root = document.documentElement;
  const live = document.getElementById("live");
  const theme = document.getElementById("theme");
  const themes = ["as system", "light", "dark"];
  let chosen = 0;
  theme.hidden = false;
  theme.addEventListener("click", () => {
    chosen = (chosen + 1) % themes.length;
    if (chosen) root.dataset.theme = themes[chosen];
    else delete root.dataset.theme;
    theme.textContent = "Theme: " + themes[chosen];
  });
  const print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  const charts = [];
  for (const chart of document.querySelectorAll(".chart")) charts.push(readable(chart));
  for (const slide of document.querySelectorAll(".slide")) sliding(slide);

  function readable(chart) {
    const points = JSON.parse(chart.dataset.points);
    const mark = document.createElement("span");
    const tip = document.createElement("span");
    mark.className = "mk";
    tip.className = "tip";
    mark.hidden = tip.hidden = true;
    mark.ariaHidden = tip.ariaHidden = "true";
    chart.append(mark, tip);
    let at = -1;
    const narrow = () => getComputedStyle(chart.querySelector(".narrow")).display !== "none";
    const place = point => narrow() ? [point[2], point[3]] : [point[0], point[1]];
    function show(number, aloud) {
      at = Math.max(0, Math.min(points.length - 1, number));
      const point = points[at];
      const [x, y] = place(point);
      tip.textContent = point[4];
      tip.hidden = false;
      if (x === null) {
        mark.hidden = true;
        tip.classList.add("below");
      } else {
        mark.hidden = false;
        tip.classList.remove("below");
        const left = x * chart.clientWidth, top = y * chart.clientHeight;
        mark.style.left = left + "px";
        mark.style.top = top + "px";
        const half = tip.offsetWidth / 2;
        tip.style.left = Math.max(half, Math.min(chart.clientWidth - half, left)) + "px";
        tip.style.top = top + "px";
        tip.classList.toggle("under", top < tip.offsetHeight + 16);
      }
      if (aloud) live.textContent = point[4];
    }
    function hide() {
      mark.hidden = tip.hidden = true;
      at = -1;
    }
    chart.addEventListener("keydown", event => {
      const last = points.length - 1;
      const to = {ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at < 0 ? last : at - 1,
        ArrowDown: at < 0 ? last : at - 1, Home: 0, End: last}[event.key];
      if (event.key === "Escape") hide();
      if (to === undefined || !points.length) return;
      event.preventDefault();
      show(to, true);
    });
    chart.addEventListener("blur", hide);
    chart.addEventListener("pointerleave", hide);
    chart.addEventListener("pointermove", event => {
      const box = chart.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
      let best = -1, near = Infinity;
      points.forEach((point, number) => {
        const [px, py] = place(point);
        if (px === null) return;
        const far = Math.abs(px - x) + 0.15 * Math.abs(py - y);
        if (far < near) [best, near] = [number, far];
      });
      if (best >= 0) show(best, false);
    });
    return {chart, points, show};
  }

  function sliding(slide) {
    const own = charts.find(entry => slide.parentElement.contains(entry.chart));
    if (!own) return;
    const input = slide.querySelector("input"), output = slide.querySelector("output");
    slide.hidden = false;
    input.addEventListener("input", () => {
      output.textContent = own.points[input.value][4];
      own.show(Number(input.value), false);
    });
  }
})();
