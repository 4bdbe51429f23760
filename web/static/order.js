// Puts the posts of a series in order: by dragging, by buttons and by keys.
// What is stored are the numbers in the fields; without JavaScript they are typed.
const list = document.querySelector(".order ol");
if (list && list.children.length > 1) {
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const announcer = make("p", { className: "hidden", role: "status" });
  list.before(announcer);
  document.getElementById("order-hint").append(" Drag a post by its handle, or press Alt and an arrow key on its line; then save.");

  const field = (item) => item.querySelector("input:not([type=hidden])");
  const titleOf = (item) => item.querySelector("label").textContent;
  const place = (item) => [...list.children].indexOf(item);

  // Numbers grow from line to line. Those that do so already stay, and the lines
  // at the end that have none, and are in the order of their dates, go without.
  const number = (moved) => {
    const items = [...list.children];
    let last = place(moved);
    items.forEach((item, i) => field(item).value.trim() !== "" && (last = Math.max(last, i)));
    let before = 0;
    items.slice(0, last + 1).forEach((item, i) => {
      const typed = Number(field(item).value);
      const next = item === moved && i < last ? Number(field(items[i + 1]).value) || Infinity : Infinity;
      if (!Number.isInteger(typed) || typed <= before || typed >= next) field(item).value = before + 1;
      before = Number(field(item).value);
    });
  };
  const settle = (item) => {
    number(item);
    ends();
    announcer.textContent = `${titleOf(item)} is now ${place(item) + 1} of ${list.children.length}.`;
  };
  const ends = () => {
    for (const item of list.children) {
      item.querySelector(".up").disabled = item === list.firstElementChild;
      item.querySelector(".down").disabled = item === list.lastElementChild;
    }
  };
  const move = (item, down, focused) => {
    const other = down ? item.nextElementSibling : item.previousElementSibling;
    if (!other) return void (announcer.textContent = `${titleOf(item)} is ${down ? "the last" : "the first"} already.`);
    if (down) other.after(item);
    else other.before(item);
    settle(item);
    const target = focused.disabled ? item.querySelector(down ? ".up" : ".down") : focused;
    target.focus();
    item.scrollIntoView({ block: "nearest" });
  };

  const drag = (item, handle, event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const next = item.nextElementSibling;
    item.classList.add("dragged");
    const follow = ({ clientY }) => {
      for (const other of list.children) {
        const { top, height } = other.getBoundingClientRect();
        if (other === item || clientY < top || clientY > top + height) continue;
        const down = place(item) < place(other);
        if (down ? clientY < top + height / 2 : clientY > top + height / 2) break;
        // The others move: what is taken out of the page, were it for a moment, loses the pointer.
        while (down ? place(item) < place(other) : place(other) < place(item)) {
          if (down) item.before(item.nextElementSibling);
          else item.after(item.previousElementSibling);
        }
        break;
      }
      if (clientY < 60) scrollBy(0, -12);
      if (clientY > innerHeight - 60) scrollBy(0, 12);
    };
    const end = ({ type }) => {
      item.classList.remove("dragged");
      for (const name of ["pointerup", "pointercancel"]) handle.removeEventListener(name, end);
      handle.removeEventListener("pointermove", follow);
      if (type === "pointercancel") return list.insertBefore(item, next);
      if (item.nextElementSibling !== next) settle(item);
    };
    handle.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) handle.addEventListener(name, end);
  };

  for (const item of list.children) {
    const name = titleOf(item);
    const button = (down) => {
      const element = make("button", { type: "button", className: down ? "down" : "up", title: down ? "Down" : "Up" }, down ? "↓" : "↑");
      element.setAttribute("aria-label", `Move ${name} ${down ? "down" : "up"}`);
      element.addEventListener("click", () => move(item, down, element));
      return element;
    };
    const handle = make("span", { className: "handle", title: "Drag" }, "⠿");
    handle.setAttribute("aria-hidden", "true");
    handle.addEventListener("pointerdown", (event) => drag(item, handle, event));
    item.append(make("span", { className: "moves" }, handle, button(false), button(true)));
    item.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      move(item, event.key === "ArrowDown", document.activeElement);
    });
  }
  ends();
}
