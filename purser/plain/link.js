// The token stands behind the # of the address: it never leaves the browser. Nothing is sent from here.
const token = location.hash.slice(1);
if (/^[\w-]{20,100}$/.test(token)) {
  for (const place of document.querySelectorAll(".token")) place.textContent = token;
}
