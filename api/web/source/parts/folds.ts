// Menus and forms that unfold: Escape and a click elsewhere close them; on small screens facets begin folded.

export function folds(): void {
  const open = () => document.querySelectorAll<HTMLDetailsElement>("details.menu[open], .chip details[open]");
  document.addEventListener("click", (event) => {
    for (const one of open()) if (!one.contains(event.target as Node)) one.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const one of open()) {
      one.open = false;
      one.querySelector("summary")?.focus();
    }
  });
  for (const one of document.querySelectorAll<HTMLDetailsElement>(".chip details")) {
    one.addEventListener("toggle", () => {
      if (!one.open) return;
      const input = one.querySelector<HTMLInputElement>("input[name=value], select[name=value]");
      input?.focus();
      if (input instanceof HTMLInputElement) input.select();
    });
  }
  const narrow = matchMedia("(max-width: 1079px)");
  for (const one of document.querySelectorAll<HTMLDetailsElement>(".facet-fold")) {
    const fit = () => { one.open = !narrow.matches; };
    fit();
    narrow.addEventListener("change", fit);
  }
}
