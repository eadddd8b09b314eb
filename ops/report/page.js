// Copy buttons. Without a clipboard they stay hidden: what they copy stands beside them.
const status = document.getElementById("copied");
const copy = async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    status.textContent = `Copied ${button.dataset.name}`;
  } catch {
    status.textContent = `${button.dataset.name} could not be copied`;
  }
  status.hidden = false;
  clearTimeout(copy.timer);
  copy.timer = setTimeout(() => { status.textContent = ""; status.hidden = true; }, 4000);
};
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => copy(button));
}
