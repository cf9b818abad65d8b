// A form of filters leaves out what was not chosen, so that its address is the list's one address.

const form = document.querySelector("[data-filters]");
form?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) {
    if (!value || (name === "sort" && value === "newest")) formData.delete(name);
  }
});
