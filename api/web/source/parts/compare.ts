// At most four can be compared: the button says how many are chosen.

const MOST = 4;

function onlyDifferences(): void {
  for (const box of document.querySelectorAll<HTMLInputElement>("[data-differences]")) {
    const table = box.closest("table");
    box.addEventListener("change", () => table?.classList.toggle("only-differences", box.checked));
  }
}

export function compare(): void {
  onlyDifferences();
  for (const form of document.querySelectorAll<HTMLFormElement>("[data-compare]")) {
    const button = form.querySelector<HTMLButtonElement>(".compare button");
    if (!button) continue;
    const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=iri]")];
    const tell = () => {
      const chosen = boxes.filter((one) => one.checked).length;
      for (const one of boxes) one.disabled = !one.checked && chosen >= MOST;
      button.disabled = chosen < 2;
      button.textContent = chosen ? `Compare ${chosen}` : "Compare the chosen";
    };
    form.addEventListener("change", tell);
    tell();
  }
}
