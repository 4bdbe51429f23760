// Text and preview scroll in step: the one that a hand is on leads.
import { EditorView } from "@codemirror/view";

/** Where a line of the source, with a fraction, is in the preview, in pixels from its top. */
function topOf(preview, line) {
  const { blocks } = preview;
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].line <= line) low = middle + 1;
    else high = middle;
  }
  const base = preview.element.getBoundingClientRect().top - preview.element.scrollTop;
  const top = (block) => block.nodes.find((node) => node.getBoundingClientRect)?.getBoundingClientRect().top - base;
  const here = blocks[low - 1];
  if (!here) return 0;
  const next = blocks[low];
  const from = top(here);
  const to = next ? top(next) : preview.element.scrollHeight;
  const lines = (next?.line ?? here.line + 1) - here.line;
  return from + (to - from) * Math.min(1, (line - here.line) / Math.max(1, lines)) || 0;
}

/** The line of the source, with a fraction, that stands at this height of the preview. */
function lineAt(preview, height, lines) {
  let [low, high] = [1, lines + 1];
  while (high - low > 0.1) {
    const middle = (low + high) / 2;
    if (topOf(preview, middle) <= height) low = middle;
    else high = middle;
  }
  return low;
}

export function scrollInStep(view, preview) {
  const { scrollDOM } = view;
  let leader = scrollDOM;
  for (const element of [scrollDOM, preview.element]) {
    for (const type of ["pointerenter", "wheel", "touchstart", "focusin", "keydown"]) element.addEventListener(type, () => (leader = element), { passive: true });
  }
  const follow = () => {
    if (!preview.shown || scrollDOM.scrollHeight <= scrollDOM.clientHeight) return;
    const block = view.lineBlockAtHeight(scrollDOM.scrollTop);
    const line = view.state.doc.lineAt(block.from).number + (scrollDOM.scrollTop - block.top) / Math.max(1, block.height);
    const atEnd = scrollDOM.scrollTop + scrollDOM.clientHeight >= scrollDOM.scrollHeight - 2;
    preview.element.scrollTop = atEnd ? preview.element.scrollHeight : scrollDOM.scrollTop < 2 ? 0 : topOf(preview, line);
  };
  const lead = () => {
    const { element } = preview;
    if (element.scrollTop < 2) return void (scrollDOM.scrollTop = 0);
    const line = lineAt(preview, element.scrollTop, view.state.doc.lines);
    const { from } = view.state.doc.line(Math.min(view.state.doc.lines, Math.floor(line)));
    const block = view.lineBlockAt(from);
    scrollDOM.scrollTop = block.top + block.height * (line % 1);
  };
  // Once a frame at most: measuring makes the browser lay the page out.
  const frame = (run, who) => {
    let asked = false;
    return () => {
      if (asked || leader !== who) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        run();
      });
    };
  };
  scrollDOM.addEventListener("scroll", frame(follow, scrollDOM), { passive: true });
  preview.element.addEventListener("scroll", frame(lead, preview.element), { passive: true });
  preview.onput = () => leader === scrollDOM && follow();
}

/** Goes from a block of the preview that is pressed twice to its source. */
export function goToSource(view, preview) {
  preview.element.addEventListener("dblclick", (event) => {
    const target = event.composedPath()[0];
    const block = preview.blocks.find(({ nodes }) => nodes.some((node) => node.contains(target)));
    if (!block) return;
    const { from } = view.state.doc.line(Math.min(block.line, view.state.doc.lines));
    view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    view.focus();
  });
}
