// Lets a person in: the link's token and a name, once.

import {ask} from "./server.js";

const byId = id => document.getElementById(id);

byId("join").addEventListener("submit", async event => {
  event.preventDefault();
  try {
    await ask(location.pathname, {name: byId("who").value.trim()});
    location.replace("/");
  } catch (error) {
    byId("problem").hidden = false;
    byId("problem").textContent = error.message;
  }
});
