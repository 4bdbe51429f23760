// What pages for readers have more of where scripts run. Everything is there
// and readable without.
(() => {
  "use strict";
  const words = document.currentScript.dataset;
  const all = (selector) => document.querySelectorAll(selector);

  // Colours: the system's, light or dark.
  const themes = document.querySelector(".theme");
  if (themes && window.setTheme) {
    let chosen = "";
    try { chosen = localStorage.getItem("theme") || ""; } catch { /* as without a choice */ }
    const buttons = themes.querySelectorAll("button");
    const show = () => {
      for (const button of buttons) button.setAttribute("aria-pressed", button.value === chosen);
    };
    for (const button of buttons) {
      button.addEventListener("click", () => {
        chosen = button.value;
        window.setTheme(chosen);
        try { localStorage.setItem("theme", chosen); } catch { /* holds for this page */ }
        show();
      });
    }
    show();
    themes.hidden = false;
  }

  // Copying needs a safe connection.
  const copies = (button, text, done) => {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(text()); } catch { return; }
      button.textContent = done;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
    button.hidden = false;
  };
  if (navigator.clipboard) {
    for (const button of all(".share-copy")) {
      copies(button, () => button.dataset.address, button.dataset.done);
    }
    for (const pre of all(".post .prose pre")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "code-copy";
      button.textContent = words.copy;
      copies(button, () => pre.textContent, words.copied);
      const caption = pre.parentElement.querySelector(":scope > figcaption.code-title");
      if (caption) {
        caption.append(button);
      } else {
        const box = document.createElement("div");
        box.className = "code-box";
        pre.replaceWith(box);
        box.append(button, pre);
      }
    }
  }
  if (navigator.share) {
    for (const button of all(".share-send")) {
      button.addEventListener("click", () => {
        navigator.share({ title: button.dataset.title, url: button.dataset.address }).catch(() => {});
      });
      button.hidden = false;
    }
  }

  // The title that is pressed turns into that of its post, and no other does.
  addEventListener("pageswap", (event) => {
    if (!event.viewTransition) return;
    const to = event.activation?.entry?.url;
    const links = [...all("main :is(.card-title, .part-title, .hit-title, .related li, .neighbours) a")];
    const pressed = links.find((link) => link.href === to && link.checkVisibility());
    const named = [...all(".post-head h1")];
    for (const title of named) title.style.viewTransitionName = "none";
    if (pressed) {
      const title = pressed.closest("h2") || pressed;
      title.style.viewTransitionName = "title";
      named.push(title);
    }
    event.viewTransition.finished.finally(() => {
      for (const title of named) title.style.viewTransitionName = "";
    });
  });

  // The contents mark the place that is read.
  const places = [];
  for (const link of all(".contents a[href^='#']")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) places.push([link, heading]);
  }
  if (places.length && window.IntersectionObserver) {
    let marked = null;
    const mark = () => {
      let now = null;
      for (const [link, heading] of places) {
        if (heading.getBoundingClientRect().top < innerHeight / 3) now = link;
      }
      if (now === marked) return;
      if (marked) marked.removeAttribute("aria-current");
      if (now) now.setAttribute("aria-current", "location");
      marked = now;
    };
    const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
    for (const [, heading] of places) observer.observe(heading);
  }
})();
