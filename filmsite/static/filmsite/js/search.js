// Suggestions while one types into the search box: a combobox with a list that pops up. Without
// them, and with Enter while none is chosen, the form leads to the page of results.

const WAIT = 150;   // milliseconds without a key before the site is asked

const attach = (form) => {
  const input = form.querySelector("input");
  const list = document.createElement("ul");
  const status = document.createElement("span");
  let options = [], chosen = -1, timer = 0, asking = null, asked = "";

  Object.assign(list, { id: "suggestions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label"));
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  form.append(list, status);
  const combobox = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
  for (const [name, value] of Object.entries(combobox)) input.setAttribute(name, value);

  const choose = (number) => {
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = number;
    const option = options[chosen];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  };

  const open = (wanted) => {
    const shown = wanted && options.length > 0;
    list.hidden = !shown;
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) choose(-1);
  };

  const forget = () => {
    clearTimeout(timer);
    asking?.abort();
    open(false);
  };

  const show = (answer) => {
    choose(-1);
    options = answer.suggestions.map(({ text, note, address }, number) => {
      const option = document.createElement("li"), name = document.createElement("bdi"), small = document.createElement("small");
      Object.assign(option, { id: `suggestion-${number}` });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = address;
      name.textContent = text;
      small.textContent = note;
      option.append(name, " ", small);
      return option;
    });
    list.replaceChildren(...options);
    status.textContent = answer.status;
    open(document.activeElement === input);
  };

  const ask = async () => {
    asked = input.value.trim();
    asking?.abort();
    if (!asked) { options = []; return open(false); }
    asking = new AbortController();
    try {
      const response = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(asked)}`, { signal: asking.signal });
      if (response.ok) show(await response.json());
    } catch { /* a later key, or no network: the form still leads to the page */ }
  };

  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("compositionend", ask);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options.length || asked !== input.value.trim()) return;
      event.preventDefault();
      open(true);
      const step = event.key === "ArrowDown" ? 1 : -1;   // through the box itself, which is -1
      choose((chosen + 1 + step + options.length + 1) % (options.length + 1) - 1);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      forget();
    } else if (event.key === "Enter" && options[chosen]) {
      event.preventDefault();
      location.assign(options[chosen].dataset.address);
    }
  });
  input.addEventListener("blur", forget);
  list.addEventListener("pointerdown", (event) => event.preventDefault());   // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.address);
  });
  form.addEventListener("submit", (event) => {
    forget();
    if (!input.value.trim()) { event.preventDefault(); input.focus(); }
  });
};

document.querySelectorAll("form[data-suggest]").forEach(attach);
