// Suggestions under the search box, while somebody types: an ARIA combobox
// (WAI-ARIA 1.2) that the form works without.
"use strict";
for (const form of document.querySelectorAll("form.search")) {
  const wait = 180; // ms after the last key
  const input = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = input.id + "-suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.suggestions);
  input.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  const known = new Map();
  let active = -1, timer = 0, asking = null;

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    activate(-1);
    input.setAttribute("aria-expanded", "false");
  };

  const activate = (n) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = n;
    const option = list.children[n];
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };

  // Enter submits the form in any case; so does a click on a suggestion.
  form.addEventListener("submit", (event) => {
    const option = list.hidden ? null : list.children[active];
    close();
    if (option?.dataset.url) {
      event.preventDefault();
      location.assign(option.dataset.url);
    } else if (option) {
      input.value = option.textContent;
    }
  });

  const option = (text, kind) => {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.className = kind;
    item.dir = "auto";
    item.textContent = text;
    return item;
  };

  const show = (found) => {
    const items = found.searches.map((text) => option(text, "suggested-search"));
    for (const post of found.posts) {
      const item = option(post.title, "suggested-post");
      item.lang = post.language;
      item.dataset.url = post.url;
      items.push(item);
    }
    items.forEach((item, n) => { item.id = list.id + "-" + n; });
    activate(-1);
    list.replaceChildren(...items);
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  const ask = async () => {
    const query = input.value.trim();
    asking?.abort();
    if (query.length < 2) return close();
    if (known.has(query)) return show(known.get(query));
    const mine = asking = new AbortController();
    try {
      const answer = await fetch("/search/suggest?q=" + encodeURIComponent(query), { signal: mine.signal });
      if (!answer.ok) return close();
      const found = await answer.json();
      if (known.size > 50) known.clear();
      known.set(query, found);
      if (!mine.signal.aborted && document.activeElement === input) show(found);
    } catch {
      // Left off, or the network is away: the form still searches.
    }
  };

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, wait);
  });
  input.addEventListener("compositionend", () => { timer = setTimeout(ask, wait); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const count = list.children.length;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (list.hidden) {
          if (event.key === "ArrowDown") ask();
          return;
        }
        event.preventDefault();
        // One place more than there are options: the box itself.
        activate((active + 1 + (event.key === "ArrowDown" ? 1 : count)) % (count + 1) - 1);
        return;
      case "Escape":
        if (!list.hidden) {
          event.preventDefault(); // which would empty the box
          close();
        }
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (!item) return;
    activate([...list.children].indexOf(item));
    form.requestSubmit();
  });
}
