// The vote without a reload. A pointer's click on a star casts at once; arrow keys only choose,
// and the Vote button or Enter casts. Whatever fails here falls back to sending the form.

const status = document.createElement("p");
status.className = "status";
status.setAttribute("role", "status");
document.querySelector("[data-score-card]")?.after(status);

const say = (message, failed = false) => {
  status.classList.toggle("error", failed);
  status.textContent = message;
};

// Puts the keyboard back where it was in the card that came from the server.
const replace = (card, html) => {
  const active = card.contains(document.activeElement) ? document.activeElement : null;
  card.outerHTML = html;
  if (!active) return;
  const fresh = document.querySelector("[data-score-card]");
  const again = active.name === "score"
    ? fresh.querySelector(`[name=score][value="${active.value}"]`)
    : fresh.querySelector("form[data-vote] button");
  again?.focus({ preventScroll: true });
};

const cast = async (form) => {
  const card = form.closest("[data-score-card]");
  if (!card) return form.submit();
  form.setAttribute("aria-busy", "true");
  let response, answer;
  try {
    response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    answer = await response.json();
  } catch {
    return form.submit();
  }
  if (response.status === 403) return form.submit();   // signed out meanwhile: on to sign in, the score kept
  form.removeAttribute("aria-busy");
  if (response.ok && answer.html) replace(card, answer.html);
  else if (answer.message) form.reset();   // refused: show again what is stored
  else return form.submit();
  say(answer.message, !response.ok);
};

// One vote at a time: a second choice waits for the answer to the first.
let queue = Promise.resolve();
const send = (form) => {
  if (!form.checkValidity()) return form.reportValidity();
  if (form.method !== "post") return form.submit();   // signed out: on to the page that keeps the score
  const score = new FormData(form).get("score");
  queue = queue.then(() => {
    const current = form.isConnected ? form : document.querySelector("form[data-vote]");
    const half = current.querySelector(`[name=score][value="${score}"]`);
    if (half) half.checked = true;
    return cast(current);
  });
};

// Browsers fire `click` for arrow keys too: only one that began with a pointer on the same half counts.
let pressed = null;
const half = (event) => event.target.closest?.("[data-vote] .half");
document.addEventListener("pointerdown", (event) => { pressed = half(event); });
document.addEventListener("pointercancel", () => { pressed = null; });
document.addEventListener("keydown", () => { pressed = null; });
document.addEventListener("click", (event) => {
  const clicked = half(event);
  if (!clicked || clicked !== pressed) return;
  pressed = null;
  clicked.querySelector("input").checked = true;
  send(clicked.closest("form"));
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-vote]")) return;
  event.preventDefault();
  send(event.target);
});
