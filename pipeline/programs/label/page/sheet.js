// The contact sheet: all answers at a glance.

import {ask} from "./server.js";

const byId = id => document.getElementById(id);
export const WORDS = {yes: "Yes", no: "No", "can't tell": "Can’t tell"};
const CLASSES = {yes: "yes", no: "no", "can't tell": "unsure"};

/** A small photo with what was answered; a click labels it again. */
export function tile(photo, text, answer, onPick) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = CLASSES[answer];
  button.dataset.number = photo.number;
  const image = document.createElement("img");
  image.src = `/photo/${photo.number}/small`;
  image.alt = `Photo ${photo.name}`;
  image.loading = "lazy";
  const label = document.createElement("span");
  label.className = "label";
  label.textContent = text;
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = photo.name;
  button.append(image, label, name);
  button.title = "Label it again";
  button.addEventListener("click", () => onPick(photo.number));
  return button;
}

/** The view; `onPick` gets the number of a photo that is to be labelled. */
export class Sheet {
  constructor(onPick) {
    this.onPick = onPick;
    this.show = "";
    for (const button of document.querySelectorAll("[data-show]")) {
      button.addEventListener("click", () => this.open(button.dataset.show));
    }
    byId("more").addEventListener("click", () => this.add());
  }

  async open(show = this.show) {
    this.show = show;
    for (const button of document.querySelectorAll("[data-show]")) {
      button.setAttribute("aria-pressed", button.dataset.show === show);
    }
    byId("photos").replaceChildren();
    await this.add();
  }

  /** Shows a new answer in place; takes away what is not asked for any more. */
  update(number, answer) {
    const button = byId("photos").querySelector(`[data-number="${number}"]`);
    if (!button) return;
    if (this.show && this.show !== answer) {
      button.remove();
      return;
    }
    button.className = CLASSES[answer];
    button.querySelector(".label").textContent = WORDS[answer];
    button.focus();
  }

  async add() {
    const start = byId("photos").childElementCount;
    const show = this.show && `&show=${encodeURIComponent(this.show)}`;
    const found = await ask(`/answers?start=${start}${show}`);
    byId("photos").append(...found.photos.map(photo =>
      tile(photo, WORDS[photo.answer], photo.answer, this.onPick)));
    const shown = byId("photos").childElementCount;
    byId("more").hidden = shown >= found.total;
    byId("check-from-sheet").hidden = !found.total && !this.show;
    const hidden = found.hidden
      ? ` ${found.hidden} that are being asked again are left out.` : "";
    byId("sheet-text").textContent = (found.total
      ? `${shown} of ${found.total} answers, the latest first. ` +
        "Choose a photo to label it again." : "No answers here.") + hidden;
  }
}
