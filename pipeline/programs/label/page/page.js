// One photo at a time: what is shown, and what keys and buttons do.

import {ask, foresee, photo as addressOf} from "./server.js";
import {Sheet, tile, WORDS} from "./sheet.js";

const KEYS = {y: "yes", 1: "yes", n: "no", 0: "no", c: "can't tell",
  "?": "can't tell"};
const byId = id => document.getElementById(id);
const answerButtons = [...document.querySelectorAll("[data-answer]")];
const VIEWS = ["ask", "wait", "end", "sheet"];

let state = null;
let view = "ask";
let seen = null;  // The photo that can be looked at: none other is answered.
let busy = true;
let backToSheet = false;
const sheet = new Sheet(number => attempt(async () => {
  backToSheet = true;
  await render(await ask(`/state?at=${number}`));
}));

/** Does one thing at a time; says what went wrong. */
async function attempt(action) {
  setBusy(true);
  try {
    await action();
    say(state && state.problem && `${state.problem}. Your answers are kept, ` +
      "and are written there as soon as it can be.");
  } catch (error) {
    say(error.message);
  }
  setBusy(false);
}

function setBusy(value) {
  busy = value;
  document.body.setAttribute("aria-busy", value);
}

function say(problem) {
  byId("problem").hidden = !problem;
  byId("problem").textContent = problem || "";
}

function show(name) {
  view = name;
  for (const id of VIEWS) byId(id).hidden = id !== name;
  byId("to-ask").setAttribute("aria-pressed", name !== "sheet");
  byId("to-sheet").setAttribute("aria-pressed", name === "sheet");
}

async function render(found) {
  state = found;
  seen = null;
  renderFrame();
  const {check, photo} = state;
  if (check.state === "looking") {
    renderWait();
  } else if (photo) {
    await renderPhoto(photo);
  } else {
    renderEnd();
  }
}

function renderFrame() {
  const {check, counts, attribute} = state;
  const asking = check.state === "asking";
  document.title = `${attribute}? – labelling`;
  byId("attribute").textContent = `${attribute}?`;
  byId("bar").max = Math.max(1, asking ? check.suspects : state.total);
  byId("bar").value = asking ? check.asked : state.answered;
  byId("progress").textContent = asking
    ? `${check.asked} of ${check.suspects} asked again`
    : `${state.answered} of ${state.total} answered`;
  byId("counts").textContent = asking ? "" : `${counts.yes} yes · ` +
    `${counts.no} no · ${counts["can't tell"]} can’t tell`;
  byId("order").textContent = state.order;
  byId("csv").textContent = `Labels: ${state.csv}`;
  byId("command").textContent = state.command;
  byId("skipped").hidden = !state.skipped.length;
  byId("skipped-title").textContent = `${state.skipped.length} photo` +
    `${state.skipped.length === 1 ? "" : "s"} skipped`;
  byId("skipped-list").replaceChildren(...state.skipped.map(one => {
    const item = document.createElement("li");
    item.textContent = `${one.name}: ${one.reason}`;
    return item;
  }));
}

async function renderPhoto(photo) {
  const image = byId("photo");
  const address = await addressOf(photo.number);
  if (!address) throw new Error(`${photo.name} can’t be loaded; try again.`);
  image.src = address;
  image.alt = `Photo ${photo.name}`;
  await image.decode().catch(() => {});
  byId("name").textContent = photo.name;
  byId("earlier").textContent = photo.answer
    ? `answered: ${WORDS[photo.answer].toLowerCase()}` : "";
  for (const button of answerButtons) {
    button.setAttribute("aria-pressed", button.dataset.answer === photo.answer);
  }
  byId("back").disabled = photo.previous === null;
  byId("round").hidden = !photo.again;
  show("ask");
  seen = photo;
  byId("ask").dataset.number = photo.number;
  foresee(photo.number, state.next);
}

function renderWait() {
  const {done, total} = state.check;
  byId("wait-bar").max = Math.max(1, total);
  if (done) byId("wait-bar").value = done;
  else byId("wait-bar").removeAttribute("value");
  byId("wait-text").textContent = done
    ? `The face network has seen ${done} of ${total} labelled photos.`
    : "Loading the face network.";
  show("wait");
  setTimeout(() => attempt(async () => render(await ask("/state"))), 500);
}

function renderEnd() {
  const {check} = state;
  const title = byId("end-title");
  const text = byId("end-text");
  const open = state.total - state.answered;
  byId("changed").replaceChildren();
  if (check.state === "failed") {
    title.textContent = "The labels could not be checked";
    text.textContent = check.message;
  } else if (check.state === "done") {
    title.textContent = check.suspects ? "Second look done" : "No suspects";
    text.textContent = check.suspects
      ? `${check.asked} suspicious label${check.asked === 1 ? "" : "s"} ` +
        `asked again, ${check.changed.length} changed.`
      : "No label is suspicious that was not asked twice already.";
    byId("changed").append(...check.changed.map(one => tile(
      one, `${WORDS[one.before]} → ${WORDS[one.after]}`, one.after,
      number => attempt(async () => {
        await ask("/check/leave", {});
        await render(await ask(`/state?at=${number}`));
      }))));
  } else {
    title.textContent = state.total ? "All photos are answered"
      : "None of the photos can be read";
    text.textContent = `The labels are in ${state.csv}.`;
  }
  byId("leave-check").hidden = check.state === "idle";
  byId("leave-check").textContent = open ? `Label the other ${open}` : "Go on";
  // With fewer wrong labels to learn from, it may find others.
  byId("start-check").hidden = !state.answered || !(
    check.state === "idle" || (check.state === "done" && check.changed.length));
  byId("start-check").textContent = check.state === "idle"
    ? "Check for wrong labels" : "Check again";
  byId("command-part").hidden = !state.answered;
  show("end");
}

const answer = given => seen && attempt(async () => {
  const found = await ask("/answer", {number: seen.number, answer: given});
  if (backToSheet) {
    backToSheet = false;
    state = found;
    renderFrame();
    show("sheet");
    await sheet.open();
  } else {
    await render(found);
  }
});

const back = () => seen && seen.previous !== null && attempt(async () => {
  await render(await ask(`/state?at=${seen.previous}`));
});

const toAsk = () => attempt(async () => {
  backToSheet = false;
  await render(await ask("/state"));
});

const toSheet = () => attempt(async () => {
  show("sheet");
  await sheet.open();
});

const check = () => attempt(async () => render(await ask("/check", {})));

document.addEventListener("keydown", event => {
  // A key that is held down is one answer, not one for each photo.
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || busy) {
    return;
  }
  const key = event.key.toLowerCase();
  if (key === "s" && view !== "wait") {
    event.preventDefault();
    if (view === "sheet") toAsk(); else toSheet();
  } else if (view === "ask" && key in KEYS) {
    event.preventDefault();
    answer(KEYS[key]);
  } else if (view === "ask" && ["b", "arrowleft", "backspace"].includes(key)) {
    event.preventDefault();
    back();
  }
});
for (const button of answerButtons) {
  button.addEventListener("click",
    () => busy || answer(button.dataset.answer));
}
byId("back").addEventListener("click", () => busy || back());
byId("to-ask").addEventListener("click", () => busy || toAsk());
byId("to-sheet").addEventListener("click", () => busy || toSheet());
byId("start-check").addEventListener("click", () => busy || check());
byId("check-from-sheet").addEventListener("click", () => busy || check());
for (const id of ["leave-check", "stop-check"]) {
  byId(id).addEventListener("click", () => busy || attempt(
    async () => render(await ask("/check/leave", {}))));
}
toAsk();
