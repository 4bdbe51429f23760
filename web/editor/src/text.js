// The text of the form: its fields and the Markdown, as it is kept and sent.
import { diff } from "@codemirror/merge";
import { ChangeSet, Transaction } from "@codemirror/state";
import { isChoice, writeChoice } from "./coauthors.js";

/** Returns the id of the post that the form is of, "" for a new one. (The form's buttons are named action, and hide its property.) */
export const postOf = (form) => /^\/admin\/posts\/(\d+)$/.exec(form.getAttribute("action"))?.[1] ?? "";

// Hidden fields say what the form is of; they are no text, but for the exact
// moment of the date, and for who wrote it where there is no choice.
const hiddenFields = ["shown", "written_by", "coauthors"];
const isField = (element) => element.name && (element.type !== "hidden" || hiddenFields.includes(element.name)) && element.name !== "markdown" && !element.closest(".cm-editor") && !/^(submit|button|reset|fieldset)$/.test(element.type);

function collect(form, isTicked, valueOf) {
  const fields = {};
  for (const element of form.elements) {
    if (!isField(element)) continue;
    const isBox = element.type === "checkbox" || element.type === "radio";
    if (!isBox) fields[element.name] = valueOf(element);
    else if (isTicked(element)) fields[element.name] = fields[element.name] ? `${fields[element.name]}, ${element.value}` : element.value;
    else fields[element.name] ??= "";
  }
  return fields;
}

/** Returns what stands in the fields by their names; "" for a box that is not ticked. */
export const readFields = (form) => collect(form, (box) => box.checked, (field) => field.value);

// Lists to choose from know their default by its option alone.
const defaultOf = (field) =>
  field.options ? ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "" : field.defaultValue;

/** Returns the text that the page came with: what browsers bring back into fields by themselves is not in it. */
export const textOfPage = (form) => ({
  fields: collect(form, (box) => box.defaultChecked, defaultOf),
  markdown: form.elements.markdown.defaultValue,
});

/** Returns the whole text. */
export const readText = (form, view) => ({ fields: readFields(form), markdown: view.state.doc.toString() });

/** Tells whether two texts say the same. */
export const sameText = (a, b) =>
  a.markdown === b.markdown &&
  [...new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])].every((name) => (a.fields[name] ?? "") === (b.fields[name] ?? ""));

function writeField(form, name, value) {
  const field = form.elements[name];
  if (!field) return;
  if (isChoice(field)) writeChoice(field, value);
  else if (field.type === "checkbox") field.checked = value !== "";
  else field.value = value; // a date refuses what is none, and stays empty
  field.dispatchEvent?.(new Event("refresh")); // for what shows it in another way
}

/** Returns the changes that make one text of another, small enough that a cursor between them stays. */
function changesBetween(from, to) {
  const changes = diff(from, to, { scanLimit: 500, timeout: 200 });
  return ChangeSet.of(changes.map(({ fromA, toA, fromB, toB }) => ({ from: fromA, to: toA, insert: to.slice(fromB, toB) })), from.length);
}

/**
 * Brings into the form what makes text b of text a. What was typed since a
 * stays: since are the changes that made the Markdown what it is now, and a
 * field that is not what it is in a is left alone. Returns the names of fields
 * that b would have changed and that were left.
 */
export function bringIn(form, view, a, b, since) {
  const now = readFields(form);
  const left = [];
  for (const [name, value] of Object.entries(b.fields)) {
    const before = a.fields[name] ?? "";
    if (value === before || !(name in now)) continue;
    if (now[name] !== before && now[name] !== value) left.push(name);
    else writeField(form, name, value);
  }
  if (a.markdown !== b.markdown) {
    const changes = changesBetween(a.markdown, b.markdown);
    view.dispatch({
      changes: since ? changes.map(since) : changes,
      annotations: [Transaction.addToHistory.of(false), Transaction.remote.of(true)],
    });
  }
  return left;
}
