// A review being written is kept in this browser until it is posted: a closed tab or a lost
// session loses nothing. One text a film, and for a review that is edited one for each of its
// texts. Where the browser keeps nothing, the page works as without this.

const DAYS = 30;
const form = document.querySelector("form[data-draft]");
const posted = document.querySelector("[data-draft-posted]");
const keyOf = ({ draft, draftPosted, draftOf }) => `draft ${draft ?? draftPosted} ${draftOf}`;

const store = (() => {
  try {
    localStorage.setItem("draft", "");
    localStorage.removeItem("draft");
    return localStorage;
  } catch {
    return null;
  }
})();

const read = (key) => {
  try {
    return JSON.parse(store.getItem(key));
  } catch {
    return null;
  }
};

// Drop what was posted (and became a text of its own), and what nobody came back for.
const tidy = (current) => {
  const film = current.slice(0, current.lastIndexOf(" ") + 1);
  const oldest = Date.now() - DAYS * 24 * 3600 * 1000;
  for (const key of Object.keys(store).filter((name) => name.startsWith("draft "))) {
    const draft = read(key);
    const gone = key.startsWith(film) && key !== current && draft?.sent;
    if (gone || !(draft?.at > oldest)) store.removeItem(key);
  }
};

const keep = (form) => {
  const key = keyOf(form.dataset);
  const status = form.querySelector("[data-draft-status]");
  const choice = form.querySelector("[data-draft-choice]");
  const fields = [...form.elements].filter((field) => /^(headline|body|score|gives_away_ending)$/.test(field.name));
  const isBox = (field) => field.type === "radio" || field.type === "checkbox";
  const values = () => fields.filter((field) => !isBox(field) || field.checked).map((field) => [field.name, field.value]);
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const say = (message) => { status.textContent = message; };

  const save = (sent = false) => {
    try {
      store.setItem(key, JSON.stringify({ at: Date.now(), sent, values: values() }));
      if (!sent) say(status.dataset.kept);
    } catch {
      say(status.dataset.failed);
    }
  };
  const restore = (draft) => {
    for (const field of fields) {
      const found = draft.values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (isBox(field)) field.checked = found.includes(field.value);
      else field.value = found[0] ?? "";
    }
  };

  tidy(key);
  const draft = read(key);
  let undecided = Boolean(draft) && !same(draft.values, values());
  if (undecided) {
    const moment = new Date(draft.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    say(status.dataset.found.replace("{moment}", moment));
    choice.hidden = false;
    choice.addEventListener("click", (event) => {
      const chosen = event.target.closest("button")?.value;
      if (!chosen) return;
      if (chosen === "restore") restore(draft);
      else store.removeItem(key);
      say(status.dataset[chosen]);
      undecided = false;
      choice.hidden = true;
      form.elements.body.focus();
    });
  }
  form.addEventListener("input", () => { if (!undecided) save(); });
  form.addEventListener("submit", (event) => {
    if (!undecided || event.submitter?.name !== "preview") save(event.submitter?.name !== "preview");
  });
};

if (store && form) keep(form);
else if (store && posted) tidy(keyOf(posted.dataset));
