// The watchlist without a reload: a button that is pressed or not. Whatever fails here falls back
// to sending the form.

const status = document.createElement("p");
status.className = "visually-hidden";
status.setAttribute("role", "status");
document.querySelector("main").append(status);

// A button's formAction without the attribute is the page's own address, not the form's.
const address = (form, button) => button.hasAttribute("formaction") ? button.formAction : form.action;

const send = (form, button) => {
  const chosen = document.createElement("input");
  Object.assign(chosen, { type: "hidden", name: "watchlist", value: button.value });
  form.append(chosen);
  form.action = address(form, button);
  form.submit();
};

document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches("[data-watchlist]") || !button?.hasAttribute("aria-pressed")) return;
  event.preventDefault();
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const body = new FormData(form);
  body.set("watchlist", button.value);
  let answer;
  try {
    const response = await fetch(address(form, button), { method: "POST", body, headers: { Accept: "application/json" } });
    answer = response.ok && await response.json();
  } catch {
    answer = null;
  }
  if (!answer) return send(form, button);
  button.removeAttribute("aria-busy");
  button.value = answer.is_on ? "remove" : "add";
  button.setAttribute("aria-pressed", answer.is_on);
  status.textContent = answer.message;
});
