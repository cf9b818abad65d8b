/* The admin's search-and-choose fields (select2) leave parts of theirs without a name for who
   hears the page: give them the label of the field they stand for, whenever one appears. */
function nameOf(select) {
  return select.getAttribute("aria-label") || select.labels[0]?.textContent.trim().replace(/:$/, "");
}
function nameAll() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const container = select.nextElementSibling;
    for (const part of container?.querySelectorAll("[role=combobox], [role=searchbox]") ?? []) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", nameOf(select));
      if (part.hasAttribute("aria-owns")) part.setAttribute("aria-controls", part.getAttribute("aria-owns"));
    }
    const shown = container?.querySelector("[role=textbox]"); // text that is only shown is no field
    shown?.removeAttribute("role");
    shown?.removeAttribute("aria-readonly");
  }
  // The search box of an open list stands at the end of the page.
  const open = document.querySelector(".select2-container--open [role=combobox]");
  document.querySelector("body > .select2-container .select2-search__field")
    ?.setAttribute("aria-label", open?.getAttribute("aria-label") ?? "");
}
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
nameAll();
