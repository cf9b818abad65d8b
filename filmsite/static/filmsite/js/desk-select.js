/* The admin's search-and-choose fields (select2) leave parts of theirs without a name for who
   hears the page: give them the label of the field they stand for. */
function nameParts(select) {
  const name = select.getAttribute("aria-label") || select.labels[0]?.textContent.replace(/:\s*$/, "");
  const parts = select.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox]");
  for (const part of name && parts ? parts : []) {
    part.removeAttribute("aria-labelledby");
    part.setAttribute("aria-label", name);
    // A text that is only shown is no field.
    if (part.getAttribute("aria-readonly")) part.removeAttribute("role");
  }
}
function nameAll() {
  document.querySelectorAll("select.select2-hidden-accessible").forEach(nameParts);
}
addEventListener("load", nameAll);
document.addEventListener("formset:added", () => setTimeout(nameAll));
// The search box opens at the end of the page.
document.addEventListener("focusin", (event) => {
  if (event.target.matches(".select2-search__field:not([aria-label])")) {
    event.target.setAttribute("aria-label", document.querySelector(".select2-container--open [role=combobox]")?.getAttribute("aria-label") ?? "");
  }
});
