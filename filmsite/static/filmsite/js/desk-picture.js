/* Shows a picture chosen in a form of the desk before it is uploaded. */
const preview = document.querySelector("[data-picture-preview]");
for (const field of document.querySelectorAll("input[data-picture]")) {
  field.addEventListener("change", () => {
    const file = field.files[0];
    if (!file || !preview) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const image = document.createElement("img");
      image.alt = "";
      image.src = reader.result;
      image.addEventListener("error", () => image.remove());
      preview.replaceChildren(image);
    });
    reader.readAsDataURL(file);
  });
}
