// The preview beside the text: the server renders, and only what has changed
// is put anew into a shadow root with the readers' style sheet.
import { directionOf, make } from "./dom.js";
import { readerSheet } from "./readersheet.js";
import { text } from "./texts.js";

const policy = globalThis.trustedTypes?.createPolicy("broadsheet-preview", { createHTML: (html) => html });
const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" };
const pause = 25; // milliseconds after a change
const patience = 15_000;
const long = 300; // blocks

/** Parses HTML that the server has sanitised. */
function elementsOf(html) {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(html) : html;
  return [...template.content.childNodes];
}

/** Whether these nodes can become those. */
const alike = (old, fresh) => old.length === fresh.length && old.every((node, i) => node.nodeName === fresh[i].nodeName);

/** Gives a node what another of its kind has. */
function become(node, fresh) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    node.nodeValue = fresh.nodeValue;
    return node;
  }
  for (const name of node.getAttributeNames()) if (!fresh.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  node.replaceChildren(...fresh.childNodes);
  return node;
}

export class Preview {
  element = make("div", { class: "preview", role: "region", "aria-label": text("editor.preview"), tabindex: "0", hidden: true });
  blocks = []; // in their order: name, line, nodes
  #html = new Map(); // of blocks, by their names
  #timer = 0;
  #sending = false;
  #again = false;

  constructor(form) {
    this.form = form;
    const root = this.element.attachShadow({ mode: "open" });
    this.title = make("h1");
    this.lead = make("div", { class: "lead" });
    this.body = make("div", { class: "prose" });
    this.problem = make("p", { class: "preview-problem", role: "status" });
    this.about = make("div", { class: "post-meta" });
    this.article = make("article", { class: "post" }, make("header", { class: "post-head" }, this.title, this.lead), this.about, make("div", { class: "post-body" }, this.problem, this.body));
    root.append(make("div", { class: "page" }, this.article));
    readerSheet(this.element).then((sheet) => (root.adoptedStyleSheets = [sheet]));
    root.addEventListener("click", (event) => this.#follow(event, root));
  }

  get shown() {
    return !this.element.hidden;
  }

  /** Links of the preview lead away from what is being written: they open beside it. */
  #follow(event, root) {
    const link = event.target.closest("a[href]");
    if (!link) return;
    const id = link.getAttribute("href").startsWith("#") && decodeURIComponent(link.hash.slice(1));
    if (!id) return void (link.target = "_blank");
    event.preventDefault();
    root.getElementById(id)?.scrollIntoView({ block: "center" });
  }

  show(on) {
    this.element.hidden = !on;
    if (on) this.#send();
  }

  /** Notes that the text has changed. */
  changed() {
    if (!this.shown) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), pause);
  }

  async #send() {
    if (this.#sending) return void (this.#again = true);
    this.#sending = true;
    const fields = [...new FormData(this.form), ["have", [...this.#html.keys()].join(" ")]];
    // URLSearchParams takes five times as long for a long text.
    const body = fields.map((field) => field.map(encodeURIComponent).join("=")).join("&");
    try {
      const response = await fetch("/admin/posts/fragment", { method: "POST", body, headers, signal: AbortSignal.timeout(patience) });
      const answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : {};
      if (response.ok) this.#put(answer);
      this.problem.textContent = response.ok ? "" : (answer.error ?? text("editor.preview.signed-out"));
    } catch {
      this.problem.textContent = text("editor.preview.waits");
    }
    this.#sending = false;
    if (this.#again || this.problem.textContent) setTimeout(() => this.shown && this.#send(), this.#again ? 0 : 5_000);
    this.#again = false;
  }

  #put({ title, lead, about, language, blocks }) {
    this.title.textContent = title || text("editor.untitled");
    if (this.lead.dataset.html !== lead) {
      this.lead.dataset.html = lead;
      this.lead.replaceChildren(...elementsOf(lead));
      this.lead.hidden = lead === "";
    }
    this.about.replaceChildren(...about.map((line, i) => make("p", { class: i === 0 ? "author" : null }, line)));
    // Said again, it would cost the style of all.
    if (this.article.lang !== language) {
      this.article.lang = language;
      this.article.dir = directionOf(language);
    }

    for (const { name, html } of blocks) if (html !== undefined) this.#html.set(name, html);
    const old = this.blocks;
    let start = 0;
    while (start < old.length && start < blocks.length && old[start].name === blocks[start].name) start++;
    let end = 0;
    while (end < old.length - start && end < blocks.length - start && old[old.length - 1 - end].name === blocks[blocks.length - 1 - end].name) end++;
    const stale = old.slice(start, old.length - end);
    const fresh = blocks.slice(start, blocks.length - end).map(({ name }) => ({ name, nodes: elementsOf(this.#html.get(name)) }));
    if (stale.length === fresh.length && fresh.every(({ nodes }, i) => alike(stale[i].nodes, nodes))) {
      // A new neighbour would cost the style of all that follow.
      fresh.forEach((block, i) => (block.nodes = stale[i].nodes.map((node, j) => become(node, block.nodes[j]))));
    } else {
      const after = old[old.length - end]?.nodes[0] ?? null;
      for (const { nodes } of stale) for (const node of nodes) node.remove();
      for (const { nodes } of fresh) for (const node of nodes) this.body.insertBefore(node, after);
    }
    this.blocks = [...old.slice(0, start), ...fresh, ...(end ? old.slice(-end) : [])];
    this.blocks.forEach((block, i) => (block.line = blocks[i].line));
    this.body.classList.toggle("long", blocks.length > long);
    const used = new Set(this.blocks.map(({ name }) => name));
    for (const name of this.#html.keys()) if (!used.has(name)) this.#html.delete(name);
    this.onput?.();
  }
}
