// One screen of the page is shown at a time.

/** Show a screen by its id, with the focus on its first field or main button. */
export function show(id) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== id;
  document.getElementById(id).querySelector("button.main:not([hidden]), input:not([hidden])")?.focus({ preventScroll: true });
}
