// What the page asks of the server, and the photos that will come next.

/** An answer of the server; throws an Error whose message is for people. */
export async function ask(path, body) {
  let response;
  try {
    response = await fetch(path, body === undefined ? {} : {
      method: "POST", headers: {"Content-Type": "application/json"},
      body: JSON.stringify(body)});
  } catch {
    throw new Error("The command that serves this page has ended. Nothing " +
      "that was shown as answered is lost; start it again to go on.");
  }
  const found = await response.json();
  if (!response.ok) throw new Error(found.error);
  return found;
}

// The server lets nothing be cached, so that a photo that is to be shown
// without delay has to be held here.
const held = new Map();

/** Address of a photo to show large, fetched already if it was foreseen. */
export async function photo(number) {
  if (!held.has(number)) held.set(number, load(number));
  const address = await held.get(number);
  if (!address) held.delete(number);
  return address;
}

/** Fetches what will be shown next, and forgets what no one needs. */
export function foresee(current, numbers) {
  for (const [number, address] of held) {
    if (number === current || numbers.includes(number)) continue;
    held.delete(number);
    address.then(found => found && URL.revokeObjectURL(found));
  }
  for (const number of numbers) photo(number);
}

async function load(number) {
  try {
    const response = await fetch(`/photo/${number}/large`);
    return response.ok ? URL.createObjectURL(await response.blob()) : null;
  } catch {
    return null;
  }
}
