/* Under a Markdown field of the desk: a button that shows the text as readers will see it.
   Without JavaScript the form's own Preview does. */
for (const field of document.querySelectorAll("textarea[data-markdown]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button markdown-button";
  button.textContent = field.dataset.markdownButton;
  const shown = document.createElement("div");
  shown.className = "markdown-preview";
  shown.setAttribute("role", "region");
  shown.setAttribute("aria-label", field.dataset.markdownButton);
  shown.tabIndex = 0;
  shown.hidden = true;
  const row = field.closest(".form-row") ?? field.parentElement;
  row.append(button, shown);
  button.addEventListener("click", async () => {
    const token = field.form.elements.csrfmiddlewaretoken.value;
    button.disabled = true;
    try {
      const answer = await fetch(field.dataset.markdown, {
        method: "POST",
        headers: { "X-CSRFToken": token },
        body: new URLSearchParams({ text: field.value }),
      });
      if (!answer.ok) throw new Error(answer.statusText);
      shown.innerHTML = await answer.text();
    } catch (error) {
      shown.textContent = String(error);
    }
    shown.hidden = false;
    button.disabled = false;
  });
}
