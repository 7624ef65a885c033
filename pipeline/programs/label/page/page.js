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
let finishing = false;
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
  byId("to-ask").setAttribute("aria-pressed", name === "ask" || name === "wait");
  byId("to-sheet").setAttribute("aria-pressed", name === "sheet");
  byId("to-end").setAttribute("aria-pressed", name === "end");
}

async function render(found) {
  state = found;
  seen = null;
  renderFrame();
  const {check, photo} = state;
  if (check.state === "looking") {
    renderWait();
  } else if (photo && !finishing) {
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
  byId("bar").max = Math.max(1, asking ? check.suspects : state.goal);
  byId("bar").value = asking ? check.asked : state.labels;
  byId("progress").textContent = asking
    ? `${check.asked} of ${check.suspects} asked again`
    : [`${state.labels} of ${state.goal} labels`, ...lacking()].join(" · ");
  byId("who").hidden = !state.labeller;
  byId("who").textContent = `You label as ${state.labeller}.`;
  byId("to-end").className = isReached() ? "main" : "";
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

/** What of each class is still wanted, such as "22 more no". */
const lacking = () => Object.entries(state.lacking).map(
  ([answer, count]) => `${count} more ${answer}`);

const isReached = () => state.labels >= state.goal && !lacking().length;

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
  byId("forward").disabled = photo.following === null;
  byId("purpose").textContent = photo.evaluation ? "for evaluation" : "";
  byId("note").value = photo.note;
  zoom(false);
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
        finishing = false;
        await ask("/check/leave", {});
        await render(await ask(`/state?at=${number}`));
      }))));
  } else {
    title.textContent = !state.total ? "None of the photos can be read"
      : !open ? "All photos are answered"
      : isReached() ? "The goal is reached" : "Not at the goal yet";
    text.textContent = `${state.labels} labels are in ${state.csv}.`;
  }
  renderFacts();
  byId("leave-check").hidden = check.state === "idle" && !open;
  byId("leave-check").textContent = open ? `Label the other ${open}` : "Go on";
  // With fewer wrong labels to learn from, it may find others.
  byId("start-check").hidden = !state.labels || !(
    check.state === "idle" || (check.state === "done" && check.changed.length));
  byId("start-check").textContent = check.state === "idle"
    ? "Check for wrong labels" : "Check again";
  byId("command-part").hidden = !state.labels;
  show("end");
}

function renderFacts() {
  const facts = lacking().map(text => `${text} would make the classes safer to judge.`);
  if (state.labels < state.goal) {
    facts.unshift(`${state.goal - state.labels} labels are lacking to the goal of ${state.goal}.`);
  }
  if (state.disputed) facts.push(`${state.disputed} photos were answered differently by two people.`);
  byId("facts").replaceChildren(...[...facts, ...state.agreement].map(fact => {
    const item = document.createElement("li");
    item.textContent = fact;
    return item;
  }));
  byId("ask-disputed").hidden = !state.disputed;
}

const answer = given => seen && attempt(async () => {
  const {number} = seen;
  const found = await ask("/answer", {number, answer: given, note: byId("note").value});
  if (backToSheet) {
    backToSheet = false;
    state = found;
    renderFrame();
    show("sheet");
    sheet.update(number, given);
  } else {
    await render(found);
  }
});

const back = () => seen && seen.previous !== null && attempt(async () => {
  await render(await ask(`/state?at=${seen.previous}`));
});

const forward = () => seen && seen.following !== null && attempt(async () => {
  await render(await ask(`/state?at=${seen.following}`));
});

function zoom(on = !byId("photo").parentElement.classList.contains("zoomed")) {
  byId("photo").parentElement.classList.toggle("zoomed", on);
  byId("zoom").setAttribute("aria-pressed", on);
}

/** A key that came before the next photo was to be seen is not taken. */
function flash() {
  const frame = byId("photo").parentElement;
  frame.classList.add("missed");
  setTimeout(() => frame.classList.remove("missed"), 250);
}

/** Changes the answer of the photo on the sheet that is pointed at. */
const correct = given => {
  const tile = document.querySelector("#photos button:hover, #photos button:focus");
  if (!tile) return;
  attempt(async () => {
    const number = Number(tile.dataset.number);
    state = await ask("/answer", {number, answer: given});
    renderFrame();
    sheet.update(number, given);
  });
};

const toEnd = () => attempt(async () => {
  finishing = true;
  backToSheet = false;
  await render(await ask("/state"));
});

const copy = async () => {
  try {
    await navigator.clipboard.writeText(state.command);
    byId("copy").textContent = "Copied";
  } catch {  // Not allowed, or the page comes from elsewhere, without TLS.
    getSelection().selectAllChildren(byId("command"));
  }
};

const toAsk = () => attempt(async () => {
  finishing = false;
  backToSheet = false;
  await render(await ask("/state"));
});

const toSheet = () => attempt(async () => {
  finishing = false;
  show("sheet");
  await sheet.open();
});

const check = (path = "/check") => attempt(async () => {
  finishing = false;
  await render(await ask(path, {}));
});

document.addEventListener("keydown", event => {
  // A key that is held down is one answer, not one for each photo.
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (byId("keys").open) return;
  const key = event.key.toLowerCase();
  if (event.target.id === "note") {
    if (key === "enter" || key === "escape") event.target.blur();
    return;
  }
  if (busy) {
    if (view === "ask" && key in KEYS) flash();
    return;
  }
  if (key === "s" && view !== "wait") {
    event.preventDefault();
    if (view === "sheet") toAsk(); else toSheet();
  } else if (view === "ask" && key in KEYS) {
    event.preventDefault();
    answer(KEYS[key]);
  } else if (view === "ask" && ["b", "arrowleft", "backspace"].includes(key)) {
    event.preventDefault();
    back();
  } else if (view === "ask" && key === "arrowright") {
    event.preventDefault();
    forward();
  } else if (view === "ask" && key === "m") {
    event.preventDefault();
    byId("note").focus();
  } else if (view === "ask" && key === "z") {
    zoom();
  } else if (view === "sheet" && key in KEYS) {
    correct(KEYS[key]);
  } else if (key === "f" && view !== "wait") {
    toEnd();
  } else if (key === "h") {
    byId("keys").showModal();
  }
});
for (const button of answerButtons) {
  button.addEventListener("click",
    () => busy || answer(button.dataset.answer));
}
byId("back").addEventListener("click", () => busy || back());
byId("forward").addEventListener("click", () => busy || forward());
byId("zoom").addEventListener("click", () => zoom());
byId("help").addEventListener("click", () => byId("keys").showModal());
byId("copy").addEventListener("click", copy);
byId("to-end").addEventListener("click", () => busy || toEnd());
byId("ask-disputed").addEventListener("click", () => busy || check("/disputed"));
byId("to-ask").addEventListener("click", () => busy || toAsk());
byId("to-sheet").addEventListener("click", () => busy || toSheet());
byId("start-check").addEventListener("click", () => busy || check());
byId("check-from-sheet").addEventListener("click", () => busy || check());
for (const id of ["leave-check", "stop-check"]) {
  byId(id).addEventListener("click", () => busy || attempt(
    async () => {
      finishing = false;
      await render(await ask("/check/leave", {}));
    }));
}
toAsk();
