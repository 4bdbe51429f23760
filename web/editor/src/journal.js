// The journal: what is typed is written to the browser's own store (IndexedDB)
// at each change, so that it is there after a crash. A record has a text as it
// once was; steps have the changes since, so that a keystroke in a long text
// writes a few bytes.
import { ChangeSet, Text } from "@codemirror/state";

const schema = 1; // of records; those of a later program are left alone
const stepsAtMost = 300;
const forgottenAfter = 90 * 24 * 3600e3; // milliseconds

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function open() {
  const request = indexedDB.open("broadsheet", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("records", { keyPath: "id" });
    request.result.createObjectStore("steps", { autoIncrement: true }).createIndex("record", "record");
  };
  const db = await done(request);
  db.onversionchange = () => db.close();
  return db;
}

const lockOf = (id) => "broadsheet-text-" + id;
// Without a secure connection there are no locks: every record is then taken for left behind.
const isLeft = (id) => navigator.locks?.request(lockOf(id), { ifAvailable: true }, (lock) => lock !== null) ?? true;
const randomID = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The journal of one open form. */
export class Journal {
  #db;
  #steps = 0;
  #record = { id: randomID(), schema };

  /** Opens the journal; null where the browser keeps nothing. */
  static async open() {
    const journal = new Journal();
    try {
      journal.#db = await open();
    } catch {
      return null;
    }
    // Held as long as the page lives: so others tell what was left behind.
    navigator.locks?.request(lockOf(journal.#record.id), () => new Promise(() => {}));
    return journal;
  }

  get id() {
    return this.#record.id;
  }

  #write(run) {
    try {
      const transaction = this.#db.transaction(["records", "steps"], "readwrite");
      run(transaction.objectStore("records"), transaction.objectStore("steps"));
      transaction.onabort = () => this.onfailure?.(); // most likely the disk is full
    } catch {
      this.onfailure?.();
    }
  }

  /** Writes the whole: what the record is of and its text. */
  begin(about) {
    this.#steps = 0;
    Object.assign(this.#record, about, { at: Date.now() });
    this.#write((records, steps) => {
      records.put(this.#record);
      removeSteps(steps, this.#record.id);
    });
  }

  /** Writes one change of the Markdown, or of a field. Returns whether it is time to write the whole again. */
  add(step) {
    this.#write((_, steps) => steps.add({ ...step, record: this.#record.id, at: Date.now() }));
    return ++this.#steps >= stepsAtMost;
  }

  /** Forgets this form's text, or that of another record. */
  forget(id = this.#record.id) {
    this.#steps = 0;
    this.#write((records, steps) => {
      records.delete(id);
      removeSteps(steps, id);
    });
  }

  /** Returns the records that no open page has, with their steps done, the newest first. */
  async leftBehind() {
    const transaction = this.#db.transaction(["records", "steps"]);
    const [records, steps] = await Promise.all([done(transaction.objectStore("records").getAll()), done(transaction.objectStore("steps").getAll())]);
    const left = [];
    for (const record of records) {
      if (record.id === this.#record.id || record.schema > schema || !(await isLeft(record.id))) continue;
      if (Date.now() - record.at > forgottenAfter) this.forget(record.id);
      else left.push(replay(record, steps.filter((step) => step.record === record.id)));
    }
    return left.sort((a, b) => b.at - a.at);
  }
}

function removeSteps(steps, record) {
  steps.index("record").openKeyCursor(IDBKeyRange.only(record)).onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return;
    steps.delete(cursor.primaryKey);
    cursor.continue();
  };
}

/** Does the steps of a record; what cannot be done ends it, as all that follows builds on it. */
function replay(record, steps) {
  let doc = Text.of(record.text.markdown.split("\n"));
  const fields = { ...record.text.fields };
  let { at } = record;
  try {
    for (const step of steps) {
      if (step.changes) doc = ChangeSet.fromJSON(step.changes).apply(doc);
      else fields[step.field] = step.value;
      at = step.at;
    }
  } catch {
    /* half a journal is better than none */
  }
  return { ...record, at, text: { fields, markdown: doc.toString() } };
}
