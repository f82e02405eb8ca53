// What pages gain with JavaScript; each part looks for its own marks and does nothing where there are none.
import { copyable } from "../parts/copy";
import { history } from "../parts/history";
import { folds } from "../parts/folds";
import { compare } from "../parts/compare";
import { liveMap } from "../parts/map";

history();
folds();
compare();
for (const pre of document.querySelectorAll<HTMLElement>("[data-copy]")) copyable(pre);
for (const figure of document.querySelectorAll<HTMLElement>("[data-map]")) liveMap(figure);
