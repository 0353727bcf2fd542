// Notes what is ever painted, frame by frame.
globalThis.everSeen = [];
const look = () => {
  for (const it of document.querySelectorAll("[id]")) if (!globalThis.everSeen.includes(it.id) && it.checkVisibility()) globalThis.everSeen.push(it.id);
  requestAnimationFrame(look);
};
look();
