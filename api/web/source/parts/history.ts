// What was asked before on this machine: kept in this browser alone, shown on the start page and as you type.

const KEY = "earthdex.asked";
const MOST = 30;

function read(): string[] {
  try {
    const held: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(held) ? held.filter((one): one is string => typeof one === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function write(held: string[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(held.slice(0, MOST)));
  } catch {
    // private windows keep nothing
  }
}

export function history(): void {
  const asked = new URLSearchParams(location.search).get("q")?.trim();
  const root = document.body.dataset.root ?? "";
  const held = read();
  if (asked && asked.length < 500 && location.pathname === `${root}/`) {
    write([asked, ...held.filter((one) => one !== asked)]);
  }
  const place = document.querySelector<HTMLElement>("[data-history]");
  const list = place?.querySelector("ul");
  if (place && list && held.length) {
    for (const one of held.slice(0, 8)) {
      const link = document.createElement("a");
      link.href = `${root}/?${new URLSearchParams({ q: one })}`;
      link.textContent = one;
      link.dir = "auto";
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
    }
    place.hidden = false;
    place.querySelector("[data-forget]")?.addEventListener("click", () => {
      write([]);
      place.hidden = true;
    });
  }
  const box = document.querySelector<HTMLInputElement>("[data-question]");
  // "/" goes to the question box, as on many sites
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.key === "/" && box && !event.ctrlKey && !event.metaKey && !event.altKey &&
        !target.closest("input, textarea, select, [contenteditable]")) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
}
