// What both sides of the page need.

export const byId = (id) => document.getElementById(id);

export const saidOf = (label) => (label ? "yes" : "no");

export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A response, or an error whose message is for people.
export async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Error("the server does not answer; was it stopped?");
  }
  if (!response.ok) {
    throw new Error(`the server failed (${response.status}); its terminal says why`);
  }
  return response;
}

// A line with a label, and a bar with the threshold marked.
export function labelled({attribute, label, probability, threshold}) {
  const said = `probability ${probability.toFixed(3)}, threshold ${threshold}`;
  const bar = element("div", {className: "bar"});
  bar.setAttribute("aria-hidden", true);
  bar.style.setProperty("--share", probability);
  bar.style.setProperty("--threshold", threshold);
  return element("div", {className: "label"},
    element("p", {}, element("b", {}, `${attribute}: ${saidOf(label)}`), " ",
      element("span", {className: "faint"}, said)), bar);
}
