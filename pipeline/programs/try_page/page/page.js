// The photo's side of the page: labels and nearest faces.

import {ask, byId, element, labelled, saidOf} from "./parts.js";
import {Sliders} from "./sliders.js";

const mostBytes = Number(document.body.dataset.mostBytes);
const sliders = byId("sliders") && new Sliders(byId("sliders"));
let latest = 0;  // The answer to an earlier photo may come after a later one's.

function say(text, bad = false) {
  byId("message").textContent = text;
  byId("message").classList.toggle("bad", bad);
  byId("message").scrollIntoView({block: "nearest"});  // On small screens.
}

async function look(photo, annotated = "", more = 0) {
  const mine = ++latest;
  const left = more ? ` ${more} more files were dropped; one is looked at at a time.` : "";
  say("Looking at the photo …");
  const answer = photo.size > mostBytes
    ? {reason: `larger than ${mostBytes >> 20} MB`} : await answerTo(photo);
  if (mine !== latest) return;
  byId("result").hidden = true;
  byId("several").replaceChildren();
  if (answer.reason) {
    // Nothing of an earlier photo stays beside what is said of this one.
    sliders?.forgetPhoto();
    say(`No label${photo.name ? ` for ${photo.name}` : ""}: ${answer.reason}.${left}`, true);
    return;
  }
  const {count, faces} = answer;
  const shown = faces.length < count ? ` These are the ${faces.length} largest.` : "";
  say((count > 1 ? `${count} faces were found.${shown}` : "") + left);
  byId("annotated").textContent = annotated && `Annotated as ${annotated}`;
  if (count > 1) offer(faces);
  show(faces[0]);
}

async function answerTo(photo) {
  try {
    return await (await ask("/photo", {method: "POST", body: photo})).json();
  } catch (error) {
    return {reason: error.message};
  }
}

function offer(faces) {
  const buttons = faces.map((face, index) => {
    const button = element("button", {type: "button"},
      element("img", {src: face.picture, alt: `Face ${index + 1}`}));
    button.addEventListener("click", () => choose(button, face));
    return button;
  });
  const choose = (button, face) => {
    buttons.forEach((one) => one.setAttribute("aria-pressed", one === button));
    show(face);
  };
  buttons[0].setAttribute("aria-pressed", true);
  byId("several").replaceChildren(...buttons);
}

function show(face) {
  byId("found").src = face.picture;
  byId("labels").replaceChildren(...face.labels.map(labelled));
  for (const list of document.querySelectorAll("[data-near]")) {
    const kind = list.dataset.near;
    list.replaceChildren(...face[kind].map((near) => nearest(kind, near)));
  }
  byId("result").hidden = false;
  if (sliders && face.start) sliders.startFromPhoto(face.start);
}

function nearest(kind, near) {
  const alt = kind === "photos" ? `Photo ${near.image_id}` : "Synthetic face";
  const image = element("img", {
    src: `/${kind}/${near.row}`, alt, title: near.image_id, width: 144, height: 144});
  const labels = Object.entries(near.labels).map(([attribute, label]) =>
    `${attribute}: ${saidOf(label)}${near.held_out[attribute] ? "*" : ""}`);
  const itself = kind === "photos" && near.distance < 0.0005;
  const lines = [itself ? "this photo itself" : near.distance.toFixed(3), ...labels];
  return element("li", {}, element("figure", {}, image, element("figcaption", {},
    ...lines.map((line) => element("div", {}, line)))));
}

function takePhotos() {
  const file = byId("file");
  file.addEventListener("change", () => {
    if (file.files.length) look(file.files[0]);
    file.value = "";  // The same file may be chosen again.
  });
  // Anywhere: a photo that misses the zone must not replace the page.
  for (const name of ["dragover", "dragleave", "drop"]) {
    window.addEventListener(name, (event) => {
      event.preventDefault();
      document.body.classList.toggle("dragging", name === "dragover");
      if (name !== "drop") return;
      const {files} = event.dataTransfer;
      if (files.length) look(files[0], "", files.length - 1);
      else say("That was not a file.", true);
    });
  }
  window.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) look(event.clipboardData.files[0]);
  });
  document.querySelectorAll(".evaluation").forEach((button, index) => {
    button.addEventListener("click", async () => {
      try {
        look(await (await ask(`/evaluation/${index}`)).blob(), button.dataset.said);
      } catch (error) {
        say(`No photo: ${error.message}.`, true);
      }
    });
  });
}

if (byId("drop")) takePhotos();
if (sliders) sliders.draw(0);
