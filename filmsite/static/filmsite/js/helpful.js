// "Helpful" without a reload. Whatever fails falls back to sending the form.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-helpful]")) return;
  event.preventDefault();
  let answer;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (!response.ok) throw response;
    answer = await response.json();
  } catch {
    return form.submit();
  }
  form.elements.helpful.value = answer.helpful ? "0" : "1";
  form.querySelector("button").setAttribute("aria-pressed", String(answer.helpful));
  form.parentNode.querySelector("[data-helpful-count]").textContent = answer.words;
});
