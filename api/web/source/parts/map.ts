// The map that the server drew, made live: zoom, move, and rows that show their outline and the other way round.

type View = { x: number; y: number; width: number; height: number };
const LEAST = 0.05;

export function liveMap(figure: HTMLElement): void {
  const svg = figure.querySelector<SVGSVGElement>("svg");
  if (!svg) return;
  figure.dataset.live = "";
  const first = svg.viewBox.baseVal;
  const start: View = { x: first.x, y: first.y, width: first.width, height: first.height };
  let view: View = { ...start };

  const show = (next: View) => {
    const width = Math.min(Math.max(next.width, LEAST), 400);
    const height = (width * start.height) / start.width;
    view = {
      width,
      height,
      x: Math.min(Math.max(next.x, -200), 200 - width / 4),
      y: Math.min(Math.max(next.y, -100), 100 - height / 4),
    };
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  };
  // degrees under a point of the screen: the drawing may be cut at its sides
  const place = (clientX: number, clientY: number): [number, number] => {
    const matrix = svg.getScreenCTM();
    if (!matrix) return [view.x, view.y];
    const point = new DOMPoint(clientX, clientY).matrixTransform(matrix.inverse());
    return [point.x, point.y];
  };
  const zoom = (factor: number, at?: [number, number]) => {
    const [x, y] = at ?? [view.x + view.width / 2, view.y + view.height / 2];
    const width = Math.min(Math.max(view.width * factor, LEAST), 400);
    const real = width / view.width;
    show({ width, height: view.height * real, x: x - (x - view.x) * real, y: y - (y - view.y) * real });
  };

  const tools = document.createElement("div");
  tools.className = "map-tools";
  for (const [text, words, act] of [
    ["+", "Zoom in", () => zoom(0.5)],
    ["−", "Zoom out", () => zoom(2)],
    ["⤢", "Show all found", () => show({ ...start })],
    ["◯", "Show the whole world", () => show({ x: -180, y: -90, width: 360, height: 180 })],
  ] as [string, string, () => void][]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.title = words;
    button.setAttribute("aria-label", words);
    button.addEventListener("click", act);
    tools.append(button);
  }
  const name = document.createElement("output");
  name.className = "map-name";
  figure.append(tools, name);

  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey && !figure.matches(":focus-within, .used")) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, place(event.clientX, event.clientY));
  }, { passive: false });
  svg.addEventListener("dblclick", (event) => zoom(0.5, place(event.clientX, event.clientY)));
  document.addEventListener("pointerdown", (event) => {
    figure.classList.toggle("used", figure.contains(event.target as Node));
  });

  let grabbed: { at: [number, number]; id: number; moved: boolean } | null = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) grabbed = { at: place(event.clientX, event.clientY), id: event.pointerId, moved: false };
  });
  svg.addEventListener("pointermove", (event) => {
    if (!grabbed || event.pointerId !== grabbed.id) return;
    const [x, y] = place(event.clientX, event.clientY);
    if (!grabbed.moved && Math.hypot(x - grabbed.at[0], y - grabbed.at[1]) < view.width / 200) return;
    if (!grabbed.moved) svg.setPointerCapture(event.pointerId);
    grabbed.moved = true;
    figure.classList.add("grabbed");
    show({ ...view, x: view.x - (x - grabbed.at[0]), y: view.y - (y - grabbed.at[1]) });
  });
  const drop = () => {
    figure.classList.remove("grabbed");
    setTimeout(() => { grabbed = null; }, 0);
  };
  svg.addEventListener("pointerup", drop);
  svg.addEventListener("pointercancel", drop);

  // rows and outlines of the same thing light up together
  const rows = new Map<string, HTMLElement>();
  for (const row of document.querySelectorAll<HTMLElement>(".results [data-key]")) rows.set(row.dataset.key ?? "", row);
  const shapes = new Map<string, SVGGElement>();
  for (const shape of svg.querySelectorAll<SVGGElement>(".found")) shapes.set(shape.dataset.key ?? "", shape);
  const light = (key: string, on: boolean) => {
    const [row, shape] = [rows.get(key), shapes.get(key)];
    row?.classList.toggle("lit", on);
    shape?.classList.toggle("lit", on);
    if (on && shape) shape.parentNode?.append(shape);
    name.textContent = on && shape ? shape.querySelector("title")?.textContent ?? "" : "";
  };
  for (const [key, row] of rows) {
    for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]] as const) {
      row.addEventListener(event, () => light(key, on));
    }
  }
  for (const [key, shape] of shapes) {
    shape.addEventListener("pointerenter", () => light(key, true));
    shape.addEventListener("pointerleave", () => light(key, false));
    shape.addEventListener("click", () => {
      if (grabbed?.moved) return;
      const row = rows.get(key);
      row?.scrollIntoView({ block: "center", behavior: "smooth" });
      row?.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
    });
  }
}
