// The generator's side of the page: sliders that move a face.

import {ask, byId, element, labelled} from "./parts.js";

const REST = 150;  // Milliseconds without a move before the model is asked.

export class Sliders {
  constructor(form) {
    this.isJudged = form.dataset.judged === "true";
    this.positions = [...form.querySelectorAll(".position")];
    this.variations = [...form.querySelectorAll(".variation")];
    this.all = [...this.positions, ...this.variations];
    this.seed = 0;
    this.version = 0;
    for (const input of this.all) {
      input.addEventListener("input", () => {
        input.dataset.moved = "yes";
        this.write(input);
        this.refresh();
      });
    }
    byId("another").addEventListener("click", () => this.draw(this.seed + 1));
    byId("reset").addEventListener("click", () => this.startFrom(this.start, this.origin));
    byId("again")?.addEventListener("click", () => this.startFromPhoto(this.photo));
  }

  async draw(seed) {
    const version = ++this.version;
    try {
      const start = await (await ask(`/draw/${seed}`)).json();
      if (version !== this.version) return;  // A photo came in between.
      this.seed = seed;
      this.startFrom(start, `Face ${seed}, drawn by the generator itself`);
    } catch (error) {
      this.fail(error);
    }
  }

  startFromPhoto(start) {
    this.photo = start;
    byId("again").hidden = false;
    this.startFrom(start, "The photo's face, as the generator reconstructs it");
  }

  forgetPhoto() {
    if (!this.photo) return;
    this.photo = null;
    byId("again").hidden = true;
    this.draw(this.seed);
  }

  startFrom(start, origin) {
    if (!start) return;
    this.start = start;
    this.origin = origin;
    byId("origin").textContent = origin;
    this.positions.forEach((input, index) => { input.value = start.positions[index]; });
    this.variations.forEach((input) => { input.value = 0; });
    for (const input of this.all) {
      delete input.dataset.moved;
      this.write(input);
    }
    this.refresh();
  }

  write(input) {
    const value = Number(input.value);
    let text = `${value > 0 ? "+" : ""}${value.toFixed(2)}`;
    if (input.dataset.attribute) text += value > 0 ? ", has" : ", has not";
    input.parentElement.querySelector("output").textContent = text;
    input.setAttribute("aria-valuetext", text);
  }

  // A slider that was not moved says nothing: the face may lie beyond its end.
  request(address) {
    return ask(address, {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({
        code: this.start.code,
        positions: this.positions.map((one) => one.dataset.moved ? Number(one.value) : null),
        variations: this.variations.map((one) => Number(one.value)),
      }),
    });
  }

  // One request at a time, the next with the sliders as they are by then.
  async refresh() {
    this.version++;
    clearTimeout(this.timer);
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      let version;
      do {
        version = this.version;
        this.show(await (await this.request("/face")).blob());
      } while (version !== this.version);
      if (this.isJudged) this.timer = setTimeout(() => this.judge(), REST);
    } catch (error) {
      this.fail(error);
    } finally {
      this.isBusy = false;
    }
  }

  show(picture) {
    const image = byId("face");
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(picture);
    byId("save").href = image.src;
    image.alt = ["Generated face", ...this.positions.map((input) =>
      `${input.dataset.attribute} ${Number(input.value).toFixed(2)}`)].join(", ");
  }

  async judge() {
    const {version} = this;
    try {
      const {labels} = await (await this.request("/judge")).json();
      if (version !== this.version) return;  // The face has moved on.
      byId("judged").replaceChildren(
        element("p", {className: "faint"}, "What the pushed model says of this face:"),
        ...labels.map(labelled));
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    byId("origin").textContent = error.message;
  }
}
